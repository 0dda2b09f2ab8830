-- Rows of (entity, version).
insert into source_version as v (env, entity, version)
select $1::int8, decode(j.entity, 'hex'), j.version
from unnest($2::text[], $3::int8[]) as j(entity, version)
order by j.entity
on conflict (env, entity) do update set version = excluded.version
where excluded.version > v.version
