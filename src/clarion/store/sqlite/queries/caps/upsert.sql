insert into cap (env, user, scope, number, tenant, channel, key, until, log)
select
    value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
    value ->> 7, value ->> 8
from json_each(?1)
where true
on conflict (env, user, scope, number, tenant, channel, key) do update set
    log = excluded.log, until = max(cap.until, excluded.until)
