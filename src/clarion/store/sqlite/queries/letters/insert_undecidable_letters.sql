insert into dead_letter (
    env, event, workflow, user, step, channel, destination, cause, account, at, task
)
select
    value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, 0,
    'undecidable', '', value ->> 8, value ->> 7
from json_each(?)
where true
on conflict (env, event, workflow, user, step, channel, destination) do update set
    cause = excluded.cause, account = excluded.account, at = excluded.at, task = excluded.task,
    redriven_at = null, closed_at = null
