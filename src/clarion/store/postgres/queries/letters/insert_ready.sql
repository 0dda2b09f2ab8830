insert into ready (
    env, event, workflow, "user", step, channel, destination, account, lane, tenant, due,
    ordering_key, tried_before, redriven_at, created_at, expires_at, line
)
select
    j.env, decode(j.event, 'hex'), j.workflow, j."user", j.step, j.channel, j.destination,
    j.account, j.lane, j.tenant, j.due, j.ordering_key, j.tried_before, j.redriven_at,
    j.redriven_at, j.expires_at,
    case
        when j.ordering_key is null then null
        when j.destination = 0
            then j.channel || ':0:' || j.workflow || ':' || j.step || ':' || j.ordering_key
        else j.channel || ':' || j.destination || ':' || j.ordering_key
    end
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
        $8::text[], $9::int8[], $10::int8[], $11::int8[], $12::text[], $13::int8[], $14::int8[],
        $15::int8[]
    ) as j(
        env, event, workflow, "user", step, channel, destination, account, lane, tenant, due,
        ordering_key, tried_before, redriven_at, expires_at
    )
on conflict do nothing
