insert into capture (
    env, event, workflow, user, step, destination, channel, account, at, body
)
select
    j.value ->> 0, unhex(j.value ->> 1), j.value ->> 2, j.value ->> 3, j.value ->> 4, j.value ->> 6,
    j.value ->> 5, d.account, j.value ->> 7, j.value ->> 8
from json_each(?) as j
cross join delivery as d
    on d.env = j.value ->> 0
    and d.event = unhex(j.value ->> 1)
    and d.workflow = j.value ->> 2
    and d.user = j.value ->> 3
    and d.step = j.value ->> 4
    and d.channel = j.value ->> 5
    and d.destination = j.value ->> 6
-- A message that was on its way when its recipient was erased leaves nothing behind.
where not exists (
    select 1 from user as u
    where u.env = d.env and u.user = d.user and u.erased_at is not null
)
