-- An item for each, with the number that was counted just now; `users` is JSON.
with j as materialized (
    select
        value ->> 0 as users, value ->> 1 as env, value ->> 2 as tenant, unhex(value ->> 3) as event,
        value ->> 4 as workflow, value ->> 5 as step, value ->> 6 as locale, value ->> 7 as personal,
        value ->> 8 as alert, value ->> 9 as created_at, value ->> 10 as expires_at
    from json_each(?)
)
insert into item (
    env, user, tenant, seq, event, workflow, step, locale, personal, alert, created_at, expires_at
)
select
    c.env, c.user, c.tenant, c.seq, j.event, j.workflow, j.step, j.locale, j.personal, j.alert,
    j.created_at, j.expires_at
from j
cross join json_each(j.users) as u
cross join inbox_counter as c on c.env = j.env and c.user = u.value and c.tenant = j.tenant
