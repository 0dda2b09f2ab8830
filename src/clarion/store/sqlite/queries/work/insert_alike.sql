-- The notifications of people who get the same; `users` is JSON.
with j as materialized (
    select
        value ->> 0 as users, value ->> 1 as env, unhex(value ->> 2) as event, value ->> 3 as workflow,
        value ->> 4 as tenant, value ->> 5 as bucket, value ->> 6 as open, value ->> 7 as waiting,
        value ->> 8 as sent, value ->> 9 as dead, value ->> 10 as decided
    from json_each(?)
)
insert into notification (
    env, event, workflow, user, tenant, bucket, open, waiting, sent, dead, decided
)
select
    j.env, j.event, j.workflow, u.value, j.tenant, j.bucket, j.open, j.waiting, j.sent, j.dead, j.decided
from j
cross join json_each(j.users) as u
