-- Rows of (env, user, tenant, seq, number of the change).
update item as i set
    counted = 0,
    change = j.change,
    version = i.version + 1
from
    unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[])
        as j(env, "user", tenant, seq, change)
where i.env = j.env and i."user" = j."user" and i.tenant = j.tenant and i.seq = j.seq
