insert into dedupe (env, event, workflow, user, key, until)
select
    value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5
from json_each(?1)
where true
on conflict (env, workflow, user, key) do update set event = excluded.event, until = excluded.until
where dedupe.until <= ?2
