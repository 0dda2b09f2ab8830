-- Rows of (env, event, workflow, user, changes of open, waiting, sent, dead).
update notification as n
set
    open = n.open + j.open, waiting = n.waiting + j.waiting, sent = n.sent + j.sent,
    dead = n.dead + j.dead,
    bucket = case
        when n.open + j.open > 0 then 1
        when n.waiting + j.waiting > 0 then 2
        when n.sent + j.sent > 0 then 3
        when n.dead + j.dead > 0 then 4
        else 5
    end
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
        $8::int8[]
    ) as j(env, event, workflow, "user", open, waiting, sent, dead)
where n.env = j.env
    and n.event = decode(j.event, 'hex')
    and n.workflow = j.workflow
    and n."user" = j."user"
returning n.env, n.event, n.workflow, n."user", n.bucket, n.open, n.waiting, n.sent, n.dead
