insert into decision (env, event, workflow, user, step, n, at, decided)
select
    value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->>
    6, value ->> 7
from json_each(?)
where true
on conflict do nothing
