insert into ready (
    env, event, workflow, user, step, channel, destination, account, lane, tenant, due, ordering_key,
    tried_before, redriven_at
)
select
    value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
    value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13
from json_each(?)
where true
on conflict do nothing
