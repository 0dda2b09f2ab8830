insert into content (env, event, workflow, step, locale, user, body)
select
    value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
from json_each(?)
where true
on conflict do nothing
