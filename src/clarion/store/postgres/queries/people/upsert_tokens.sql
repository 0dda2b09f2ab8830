-- Rows of (number, user, platform, app, token, hash, keys).
insert into destination as d (
    env, destination, "user", channel, platform, app, address, address_hash, keys, confirmed_at
)
select
    $1::int8, j.destination, j."user", 2, j.platform, j.app, j.token, decode(j.hash, 'hex'), j.keys,
    $2::int8
from
    unnest($3::int8[], $4::int8[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
        as j(destination, "user", platform, app, token, hash, keys)
order by j.platform collate "C", j.hash collate "C"
on conflict (env, channel, platform, address_hash, "user") do update set
    app = excluded.app,
    keys = excluded.keys,
    confirmed_at = excluded.confirmed_at,
    disabled_at = null,
    disabled_reason = null
