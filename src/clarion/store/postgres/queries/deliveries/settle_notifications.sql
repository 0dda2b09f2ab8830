update notification as n
set bucket = j.bucket, open = j.open, sent = j.sent, dead = j.dead
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
        $8::int8[]
    ) as j(env, event, workflow, "user", bucket, open, sent, dead)
where n.env = j.env
    and n.event = decode(j.event, 'hex')
    and n.workflow = j.workflow
    and n."user" = j."user"
