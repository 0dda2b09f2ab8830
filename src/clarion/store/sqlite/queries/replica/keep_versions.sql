insert into source_version as v (env, entity, version)
select env, entity, version from source_state indexed by source_state_by_user
where env = ?1 and user_id = ?2 and accepted_at < ?3
on conflict (env, entity) do update set version = excluded.version
where excluded.version > v.version
