-- Rows of (number, user, channel, address, hash). Only what was replaced comes back by being named again.
insert into destination as d (env, destination, "user", channel, address, address_hash, confirmed_at)
select $1::int8, j.destination, j."user", j.channel, j.address, decode(j.hash, 'hex'), $2::int8
from
    unnest($3::int8[], $4::int8[], $5::int8[], $6::text[], $7::text[])
        as j(destination, "user", channel, address, hash)
order by j."user", j.channel
on conflict (env, channel, platform, address_hash, "user") do update set
    address = excluded.address,
    confirmed_at = case
        when d.disabled_reason = 'replaced' then excluded.confirmed_at else d.confirmed_at
    end,
    disabled_at = case when d.disabled_reason = 'replaced' then null else d.disabled_at end,
    disabled_reason = case when d.disabled_reason = 'replaced' then null else d.disabled_reason end
