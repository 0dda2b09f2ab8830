delete from notification
where (env, event, workflow, user) in (
    select value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3 from json_each(?)
)
