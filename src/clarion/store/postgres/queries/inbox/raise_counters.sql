-- Rows of (env, user, tenant, numbers taken, change of total, of unread, of unseen), one for each inbox; the last
-- number taken.
insert into inbox_counter as c (env, "user", tenant, seq, total, unread, unseen)
select j.env, j."user", j.tenant, j.seq, j.total, j.unread, j.unseen
from
    unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[])
        as j(env, "user", tenant, seq, total, unread, unseen)
order by j.env, j."user", j.tenant
on conflict (env, "user", tenant) do update set
    seq = c.seq + excluded.seq,
    total = c.total + excluded.total,
    unread = c.unread + excluded.unread,
    unseen = c.unseen + excluded.unseen
returning c.env, c."user", c.tenant, c.seq
