-- Ready again, with the account it goes to now.
update delivery as d
set status = 1, updated_at = $9, account = j.account
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[], $8::text[]
    ) as j(env, event, workflow, "user", step, channel, destination, account)
where d.env = j.env
    and d.event = decode(j.event, 'hex')
    and d.workflow = j.workflow
    and d."user" = j."user"
    and d.step = j.step
    and d.channel = j.channel
    and d.destination = j.destination
