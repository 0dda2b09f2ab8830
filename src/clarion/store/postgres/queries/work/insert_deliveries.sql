insert into delivery (
    env, event, workflow, "user", step, channel, destination, status, account, lane, created_at,
    updated_at, expires_at, ordering_key
)
select
    j.env, decode(j.event, 'hex'), j.workflow, j."user", j.step, j.channel, j.destination, 1,
    j.account, j.lane, j.created_at, j.created_at, j.expires_at, j.ordering_key
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
        $8::text[], $9::int8[], $10::int8[], $11::int8[], $12::int8[], $13::int8[], $14::text[], $15::int8[]
    ) as j(
        env, event, workflow, "user", step, channel, destination, account, lane, tenant, due,
        created_at, expires_at, ordering_key, silent
    )
on conflict do nothing
