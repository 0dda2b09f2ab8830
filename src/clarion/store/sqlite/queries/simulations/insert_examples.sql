-- Rows of (env, simulation, n, event, workflow, user, channel, before, after, reason_before, reason_after, body).
insert into simulation_example (
    env, simulation, n, event, workflow, user, channel, before, after, reason_before, reason_after,
    body
)
select
    value ->> 0, value ->> 1, value ->> 2, unhex(value ->> 3), value ->> 4, value ->> 5, value ->>
    6, value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11
from json_each(?)
where true
on conflict do nothing
