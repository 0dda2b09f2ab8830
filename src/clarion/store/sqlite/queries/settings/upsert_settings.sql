insert into setting (env, user, kind, scope, version, body)
select ?, ?, value ->> 0, value ->> 1, ?, value ->> 2 from json_each(?) where true
on conflict (env, user, kind, scope) do update set version = excluded.version, body = excluded.body
