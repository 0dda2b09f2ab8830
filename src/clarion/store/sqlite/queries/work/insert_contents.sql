insert into content (env, event, workflow, step, locale, user, body)
select
    value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
from json_each(?)
where not exists (
    select 1 from user as u
    where u.env = value ->> 0 and u.user = value ->> 5 and u.erased_at is not null
)
on conflict do nothing
