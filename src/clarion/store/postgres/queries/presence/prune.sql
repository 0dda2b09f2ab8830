delete from presence as p
using (
    select env, "user" from presence where until <= $1 limit $2 for update skip locked
) as old
where p.env = old.env and p."user" = old."user"
