insert into workflow_history (env, workflow, version, at, body, category, category_version)
select ?, value ->> 0, value ->> 1, ?, value ->> 2, value ->> 3, value ->> 4 from json_each(?)
