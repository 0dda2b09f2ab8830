insert into name (env, kind, name, number)
select ?, ?, j.value, ? + j.key from json_each(?) as j
where true
on conflict (env, kind, name) do nothing
