delete from cap
where (env, user, scope, number, tenant, channel, key) in (
    select env, user, scope, number, tenant, channel, key from cap where until <= ?1 limit ?2
)
