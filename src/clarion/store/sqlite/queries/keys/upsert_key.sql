insert into api_key (key_hash, env, hint, scope, created_at, expires_at, rate_per_second, burst)
select ?1, env, ?2, ?3, ?4, ?5, ?6, ?7 from environment where name = ?8
on conflict (key_hash) do update set
    scope = excluded.scope, expires_at = excluded.expires_at,
    rate_per_second = excluded.rate_per_second, burst = excluded.burst
