-- The eighth column closes it at once: too late, or to be decided anew.
update dead_letter as l
set redriven_at = $9, closed_at = case when j.closed <> 0 then $9::int8 end
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[], $8::int8[]
    ) as j(env, event, workflow, "user", step, channel, destination, closed)
where l.env = j.env
    and l.event = decode(j.event, 'hex')
    and l.workflow = j.workflow
    and l."user" = j."user"
    and l.step = j.step
    and l.channel = j.channel
    and l.destination = j.destination
    and l.redriven_at is null and l.closed_at is null
returning l.env, l.event, l.workflow, l."user", l.step, l.channel, l.destination
