insert into template_history (env, name, version, at, body)
select ?, value ->> 0, value ->> 1, ?, value ->> 2 from json_each(?)
