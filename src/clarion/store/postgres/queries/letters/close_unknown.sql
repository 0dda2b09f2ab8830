update dead_letter as l
set closed_at = $8
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[]
    ) as j(env, event, workflow, "user", step, channel, destination)
where l.env = j.env
    and l.event = decode(j.event, 'hex')
    and l.workflow = j.workflow
    and l."user" = j."user"
    and l.step = j.step
    and l.channel = j.channel
    and l.destination = j.destination
    and l.redriven_at is null and l.closed_at is null
    and (
        select d.status from delivery as d
        where d.env = l.env and d.event = l.event and d.workflow = l.workflow
            and d."user" = l."user" and d.step = l.step and d.channel = l.channel
            and d.destination = l.destination
    ) = $9
returning l.env, l.event, l.workflow, l."user", l.step, l.channel, l.destination
