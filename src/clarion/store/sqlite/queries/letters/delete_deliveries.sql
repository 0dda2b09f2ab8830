delete from delivery
where (env, event, workflow, user, step, channel, destination) in (
    select value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
    from json_each(?)
)
