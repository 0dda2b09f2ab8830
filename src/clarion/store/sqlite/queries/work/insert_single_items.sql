insert into item (
    env, user, tenant, seq, event, workflow, step, locale, personal, alert, created_at, expires_at
)
select
    c.env, c.user, c.tenant, c.seq, unhex(j.value ->> 3), j.value ->> 4, j.value ->> 5,
    j.value ->> 6, j.value ->> 7, j.value ->> 8, j.value ->> 9, j.value ->> 10
from json_each(?) as j
cross join inbox_counter as c
    on c.env = j.value ->> 0 and c.user = j.value ->> 1 and c.tenant = j.value ->> 2
