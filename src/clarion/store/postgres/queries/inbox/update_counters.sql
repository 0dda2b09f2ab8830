-- Rows of (env, user, tenant, change of total, of unread, of unseen), one for each inbox.
update inbox_counter as c set
    total = c.total + j.total,
    unread = c.unread + j.unread,
    unseen = c.unseen + j.unseen
from
    unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[])
        as j(env, "user", tenant, total, unread, unseen)
where c.env = j.env and c."user" = j."user" and c.tenant = j.tenant
