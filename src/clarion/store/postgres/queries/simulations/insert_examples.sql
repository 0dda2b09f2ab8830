-- Rows of (env, simulation, n, event, workflow, user, channel, before, after, reason_before, reason_after, body).
insert into simulation_example (
    env, simulation, n, event, workflow, "user", channel, before, after, reason_before,
    reason_after, body
)
select
    j.env, j.simulation, j.n, decode(j.event, 'hex'), j.workflow, j."user", j.channel, j.before,
    j.after, j.reason_before, j.reason_after, j.body
from unnest(
    $1::int8[], $2::int8[], $3::int8[], $4::text[], $5::int8[], $6::int8[], $7::int8[], $8::text[],
    $9::text[], $10::text[], $11::text[], $12::text[]
) as j(
    env, simulation, n, event, workflow, "user", channel, before, after, reason_before,
    reason_after, body
)
on conflict do nothing
