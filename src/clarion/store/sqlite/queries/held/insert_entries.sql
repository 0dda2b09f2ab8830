insert into digest_entry (env, digest, event, actor, mention, at)
select value ->> 0, unhex(value ->> 1), unhex(value ->> 2), value ->> 3, value ->> 4, value ->> 5
from json_each(?)
where true
on conflict do nothing
