insert into category (env, category, version)
select $1::int8, j.category, j.version
from unnest($2::int8[], $3::int8[], $4::text[]) as j(category, version, body)
order by j.category
on conflict (env, category) do update set version = excluded.version, deleted_at = null
