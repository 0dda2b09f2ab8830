insert into item (
    env, user, tenant, seq, event, workflow, step, locale, personal, alert, created_at, expires_at
)
select
    v.env, v.user, v.tenant, c.seq + 1 - v.back, v.event, v.workflow, v.step, v.locale, v.personal,
    v.alert, v.created_at, v.expires_at
from (
    select
        value ->> 0 as env, value ->> 1 as user, value ->> 2 as tenant, unhex(value ->> 3) as event,
        value ->> 4 as workflow, value ->> 5 as step, value ->> 6 as locale, value ->> 7 as personal,
        value ->> 8 as alert, value ->> 9 as created_at, value ->> 10 as expires_at,
        row_number() over (
            partition by value ->> 0, value ->> 1, value ->> 2 order by key desc
        ) as back
    from json_each(?)
) as v
cross join inbox_counter as c on c.env = v.env and c.user = v.user and c.tenant = v.tenant
