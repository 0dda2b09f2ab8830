insert into event_key (env, key, event, fingerprint)
select value ->> 0, value ->> 1, unhex(value ->> 2), unhex(value ->> 3)
from json_each(?)
where true
on conflict do nothing
