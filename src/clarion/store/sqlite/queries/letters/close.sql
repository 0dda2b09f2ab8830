-- Those that were on their way again; they came to an end that is no death.
update dead_letter
set closed_at = ?2
from json_each(?1) as j
where dead_letter.env = j.value ->> 0
    and dead_letter.event = unhex(j.value ->> 1)
    and dead_letter.workflow = j.value ->> 2
    and dead_letter.user = j.value ->> 3
    and dead_letter.step = j.value ->> 4
    and dead_letter.channel = j.value ->> 5
    and dead_letter.destination = j.value ->> 6
    and dead_letter.redriven_at is not null and dead_letter.closed_at is null
