-- A line is what leaves in order: one ordering key at one destination; destination 0 is a step's own URL.
insert into ready (
    env, event, workflow, "user", step, channel, destination, account, lane, tenant, due,
    created_at, expires_at, ordering_key, line, silent
)
select
    j.env, decode(j.event, 'hex'), j.workflow, j."user", j.step, j.channel, j.destination,
    j.account, j.lane, j.tenant, j.due, j.created_at, j.expires_at, j.ordering_key,
    case
        when j.ordering_key is null then null
        when j.destination = 0
            then j.channel || ':0:' || j.workflow || ':' || j.step || ':' || j.ordering_key
        else j.channel || ':' || j.destination || ':' || j.ordering_key
    end,
    j.silent
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
        $8::text[], $9::int8[], $10::int8[], $11::int8[], $12::int8[], $13::int8[], $14::text[], $15::int8[]
    ) as j(
        env, event, workflow, "user", step, channel, destination, account, lane, tenant, due,
        created_at, expires_at, ordering_key, silent
    )
on conflict do nothing
