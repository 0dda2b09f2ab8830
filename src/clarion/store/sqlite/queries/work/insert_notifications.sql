insert into notification (
    env, event, workflow, user, tenant, bucket, open, waiting, sent, dead, decided
)
select
    value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
    value ->> 7, value ->> 8, value ->> 9, value ->> 10
from json_each(?)
where true
on conflict do nothing
