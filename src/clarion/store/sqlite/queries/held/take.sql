-- Rows of (env, event, workflow, user, step, n, fence) that are still held under their fence are gone after this.
delete from waiting
where state = 1 and (env, event, workflow, user, step, n, fence) in (
    select value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5,
        value ->> 6
    from json_each(?)
)
returning env, event, workflow, user, step
