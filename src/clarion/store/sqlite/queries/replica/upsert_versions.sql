-- Rows of (entity, version).
insert into source_version as v (env, entity, version)
select ?1, unhex(value ->> 0), value ->> 1 from json_each(?2) where true
on conflict (env, entity) do update set version = excluded.version
where excluded.version > v.version
