insert into dead_letter (
    env, event, workflow, "user", step, channel, destination, cause, account, at
)
select
    d.env, d.event, d.workflow, d."user", d.step, d.channel, d.destination, j.cause, d.account, j.at
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
        $8::text[], $9::int8[]
    ) as j(env, event, workflow, "user", step, channel, destination, cause, at)
join delivery as d
    on d.env = j.env
    and d.event = decode(j.event, 'hex')
    and d.workflow = j.workflow
    and d."user" = j."user"
    and d.step = j.step
    and d.channel = j.channel
    and d.destination = j.destination
on conflict (env, event, workflow, "user", step, channel, destination) do update set
    cause = excluded.cause, account = excluded.account, at = excluded.at, task = null,
    redriven_at = null, closed_at = null
