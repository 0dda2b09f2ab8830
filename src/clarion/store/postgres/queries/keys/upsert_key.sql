insert into api_key (key_hash, env, hint, scope, created_at, expires_at, rate_per_second, burst)
select $1::bytea, env, $2::text, $3::text, $4::int8, $5::int8, $6::int8, $7::int8
from environment where name = $8
on conflict (key_hash) do update set
    scope = excluded.scope, expires_at = excluded.expires_at,
    rate_per_second = excluded.rate_per_second, burst = excluded.burst
