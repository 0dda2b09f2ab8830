delete from dedupe as d
using (
    select env, workflow, "user", key from dedupe
    where until <= $1
    limit $2
    for update skip locked
) as old
where d.env = old.env and d.workflow = old.workflow and d."user" = old."user" and d.key = old.key
