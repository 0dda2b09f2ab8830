-- Rows of (purpose, channel, version, granted).
insert into consent_state (env, "user", purpose, channel, version, granted)
select $1::int8, $2::int8, j.purpose, j.channel, j.version, j.granted
from unnest($3::int8[], $4::int8[], $5::int8[], $6::int8[]) as j(purpose, channel, version, granted)
order by j.purpose, j.channel
on conflict (env, "user", purpose, channel) do update set
    version = excluded.version, granted = excluded.granted
