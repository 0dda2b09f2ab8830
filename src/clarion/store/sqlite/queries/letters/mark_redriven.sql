-- The eighth column closes it at once: too late, or to be decided anew.
update dead_letter
set redriven_at = ?2, closed_at = case when j.value ->> 7 then ?2 end
from json_each(?1) as j
where dead_letter.env = j.value ->> 0
    and dead_letter.event = unhex(j.value ->> 1)
    and dead_letter.workflow = j.value ->> 2
    and dead_letter.user = j.value ->> 3
    and dead_letter.step = j.value ->> 4
    and dead_letter.channel = j.value ->> 5
    and dead_letter.destination = j.value ->> 6
    and dead_letter.redriven_at is null and dead_letter.closed_at is null
returning
    dead_letter.env, dead_letter.event, dead_letter.workflow, dead_letter.user, dead_letter.step,
    dead_letter.channel, dead_letter.destination
