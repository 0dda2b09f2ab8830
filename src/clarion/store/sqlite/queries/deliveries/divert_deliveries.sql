update delivery
set account = ?2, updated_at = ?3
from json_each(?1) as j
where delivery.env = j.value ->> 0
    and delivery.event = unhex(j.value ->> 1)
    and delivery.workflow = j.value ->> 2
    and delivery.user = j.value ->> 3
    and delivery.step = j.value ->> 4
    and delivery.channel = j.value ->> 5
    and delivery.destination = j.value ->> 6
