delete from cap as c
using (
    select env, "user", scope, number, tenant, channel, key from cap
    where until <= $1
    limit $2
    for update skip locked
) as old
where
    c.env = old.env and c."user" = old."user" and c.scope = old.scope and c.number = old.number
    and c.tenant = old.tenant and c.channel = old.channel and c.key = old.key
