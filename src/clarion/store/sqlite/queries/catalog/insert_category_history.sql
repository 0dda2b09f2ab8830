insert into category_history (env, category, version, at, body)
select ?, value ->> 0, value ->> 1, ?, value ->> 2 from json_each(?)
