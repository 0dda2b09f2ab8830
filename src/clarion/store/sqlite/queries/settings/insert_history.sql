insert into setting_history (env, user, version, at, source, kind, scope, body)
select ?, ?, ?, ?, ?, value ->> 0, value ->> 1, value ->> 2 from json_each(?)
