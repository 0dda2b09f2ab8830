insert into ready (
    env, event, workflow, user, step, channel, destination, account, lane, tenant, due, ordering_key,
    tried_before, redriven_at, line
)
select
    value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
    value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13,
    case
        when value ->> 11 is null then null
        when value ->> 6 = 0
            then (value ->> 5) || ':0:' || (value ->> 2) || ':' || (value ->> 4) || ':' || (value ->> 11)
        else (value ->> 5) || ':' || (value ->> 6) || ':' || (value ->> 11)
    end
from json_each(?)
where true
on conflict do nothing
