-- The place of the counter in what was asked, and its log.
select j.n - 1, c.log
from
    unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::text[])
        with ordinality as j(env, "user", scope, number, tenant, channel, key, n)
join cap as c
    on c.env = j.env and c."user" = j."user" and c.scope = j.scope and c.number = j.number
    and c.tenant = j.tenant and c.channel = j.channel and c.key = j.key
