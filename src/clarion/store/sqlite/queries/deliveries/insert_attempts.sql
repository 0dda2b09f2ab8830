insert into attempt (
    env, event, workflow, user, step, channel, destination, n, account, at, ms, outcome, code, detail
)
select
    j.value ->> 0, unhex(j.value ->> 1), j.value ->> 2, j.value ->> 3, j.value ->> 4, j.value ->> 5,
    j.value ->> 6, j.value ->> 7, d.account, j.value ->> 8, j.value ->> 9, j.value ->> 10,
    j.value ->> 11, j.value ->> 12
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
on conflict do nothing
