-- A line is what leaves in order: one ordering key at one destination; destination 0 is a step's own URL.
insert into ready (
    env, event, workflow, user, step, channel, destination, account, lane, tenant, due, ordering_key,
    line, silent
)
select
    value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
    value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 13,
    case
        when value ->> 13 is null then null
        when value ->> 6 = 0
            then (value ->> 5) || ':0:' || (value ->> 2) || ':' || (value ->> 4) || ':' || (value ->> 13)
        else (value ->> 5) || ':' || (value ->> 6) || ':' || (value ->> 13)
    end,
    value ->> 14
from json_each(?)
where true
on conflict do nothing
