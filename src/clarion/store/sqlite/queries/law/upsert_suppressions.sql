-- Rows of (number, channel, keyed hash, reason, until). Of two the one that lasts longer holds.
insert into suppression (env, suppression, channel, keyed_hash, reason, at, until)
select ?, value ->> 0, value ->> 1, unhex(value ->> 2), value ->> 3, ?, value ->> 4
from json_each(?)
where true
on conflict (env, channel, keyed_hash) do update set reason = excluded.reason, until = excluded.until
where suppression.until is not null
    and (excluded.until is null or excluded.until > suppression.until)
