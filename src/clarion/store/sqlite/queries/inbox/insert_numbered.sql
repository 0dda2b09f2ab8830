insert into item (env, user, tenant, seq, event, workflow, step, locale, personal, alert, created_at, expires_at, aggregation_key, updated_at, activities, actors)
select
    value ->> 0, value ->> 1, value ->> 2, value ->> 3, unhex(value ->> 4), value ->> 5, value ->> 6, value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14, value ->> 15
from json_each(?)
where true
on conflict do nothing
