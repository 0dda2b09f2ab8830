-- Rows of (purpose, channel, version, granted).
insert into consent_state (env, user, purpose, channel, version, granted)
select ?, ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3
from json_each(?)
where true
on conflict (env, user, purpose, channel) do update set
    version = excluded.version, granted = excluded.granted
