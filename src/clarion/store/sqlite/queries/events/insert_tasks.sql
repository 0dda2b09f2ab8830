insert into task (
    env, event, workflow, lane, tenant, source, scope, lo, hi, cursor, excepted, due, behind,
    ordering_key, ordering_no
)
select
    value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
    value ->> 7, value ->> 8, (value ->> 7) - 1, value ->> 9, value ->> 10, value ->> 11, value ->> 12,
    value ->> 13
from json_each(?)
