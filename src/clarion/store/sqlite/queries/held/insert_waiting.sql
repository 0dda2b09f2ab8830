insert into waiting (
    env, event, workflow, user, step, n, first, last, kind, gates, lane, tenant, due
)
select
    value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->>
    6, value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12
from json_each(?)
where true
on conflict (env, event, workflow, user, step) do update set due = excluded.due where kind = 2
