-- Rows of (number, user, channel, address, hash). Only what was replaced comes back by being named again.
insert into destination (env, destination, user, channel, address, address_hash, confirmed_at)
select ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, unhex(value ->> 4), ?
from json_each(?)
where true
on conflict (env, channel, platform, address_hash, user) do update set
    address = excluded.address,
    confirmed_at = iif(disabled_reason = 'replaced', excluded.confirmed_at, confirmed_at),
    disabled_at = iif(disabled_reason = 'replaced', null, disabled_at),
    disabled_reason = iif(disabled_reason = 'replaced', null, disabled_reason)
