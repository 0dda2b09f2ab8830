insert into dead_letter (
    env, event, workflow, user, step, channel, destination, cause, account, at
)
select
    j.value ->> 0, unhex(j.value ->> 1), j.value ->> 2, j.value ->> 3, j.value ->> 4, j.value ->> 5,
    j.value ->> 6, j.value ->> 7, d.account, j.value ->> 8
from json_each(?) as j
cross join delivery as d
    on d.env = j.value ->> 0
    and d.event = unhex(j.value ->> 1)
    and d.workflow = j.value ->> 2
    and d.user = j.value ->> 3
    and d.step = j.value ->> 4
    and d.channel = j.value ->> 5
    and d.destination = j.value ->> 6
where true
on conflict (env, event, workflow, user, step, channel, destination) do update set
    cause = excluded.cause, account = excluded.account, at = excluded.at, task = null,
    redriven_at = null, closed_at = null
