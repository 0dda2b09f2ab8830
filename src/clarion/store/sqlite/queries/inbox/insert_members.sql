insert into item_member (env, event, workflow, user, step, tenant, seq, actor, at, expires_at)
select
    value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, value ->> 8, value ->> 9
from json_each(?)
where true
on conflict do nothing
