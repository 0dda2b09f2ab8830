insert into delivery (
    env, event, workflow, user, step, channel, destination, status, account, lane, created_at,
    updated_at, expires_at, ordering_key
)
select
    value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, 1,
    value ->> 7, value ->> 8, value ->> 11, value ->> 11, value ->> 12, value ->> 13
from json_each(?)
where true
on conflict do nothing
