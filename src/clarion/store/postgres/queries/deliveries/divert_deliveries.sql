update delivery
set account = $8, updated_at = $9
from unnest($1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[])
    as j(env, event, workflow, "user", step, channel, destination)
where delivery.env = j.env
    and delivery.event = decode(j.event, 'hex')
    and delivery.workflow = j.workflow
    and delivery."user" = j."user"
    and delivery.step = j.step
    and delivery.channel = j.channel
    and delivery.destination = j.destination
