delete from dedupe
where (env, workflow, user, key) in (
    select env, workflow, user, key from dedupe where until <= ?1 limit ?2
)
