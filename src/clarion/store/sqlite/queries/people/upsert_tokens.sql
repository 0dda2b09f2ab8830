-- Rows of (number, user, platform, app, token, hash, keys).
insert into destination (
    env, destination, user, channel, platform, app, address, address_hash, keys, confirmed_at
)
select
    ?, value ->> 0, value ->> 1, 2, value ->> 2, value ->> 3, value ->> 4, unhex(value ->> 5),
    value ->> 6, ?
from json_each(?)
where true
on conflict (env, channel, platform, address_hash, user) do update set
    app = excluded.app,
    keys = excluded.keys,
    confirmed_at = excluded.confirmed_at,
    disabled_at = null,
    disabled_reason = null
