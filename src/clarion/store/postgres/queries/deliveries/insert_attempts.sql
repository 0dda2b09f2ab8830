insert into attempt (
    env, event, workflow, "user", step, channel, destination, n, account, at, ms, outcome, code, detail
)
select
    d.env, d.event, d.workflow, d."user", d.step, d.channel, d.destination, j.n, d.account, j.at,
    j.ms, j.outcome, j.code, j.detail
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
        $8::int8[], $9::int8[], $10::int8[], $11::text[], $12::text[], $13::text[]
    ) as j(
        env, event, workflow, "user", step, channel, destination, n, at, ms, outcome, code, detail
    )
join delivery as d
    on d.env = j.env
    and d.event = decode(j.event, 'hex')
    and d.workflow = j.workflow
    and d."user" = j."user"
    and d.step = j.step
    and d.channel = j.channel
    and d.destination = j.destination
on conflict do nothing
