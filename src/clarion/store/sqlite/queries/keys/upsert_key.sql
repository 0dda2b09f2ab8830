insert into api_key (key_hash, env, hint, scope, created_at, expires_at)
select ?1, env, ?2, ?3, ?4, ?5 from environment where name = ?6
on conflict (key_hash) do update set scope = excluded.scope, expires_at = excluded.expires_at
