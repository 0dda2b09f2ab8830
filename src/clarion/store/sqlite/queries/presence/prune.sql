delete from presence
where (env, user) in (select env, user from presence where until <= ?1 limit ?2)
