insert into category (env, category, version)
select ?, value ->> 0, value ->> 1 from json_each(?) where true
on conflict (env, category) do update set version = excluded.version, deleted_at = null
