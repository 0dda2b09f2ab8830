update delivery
set
    status = j.value ->> 7, updated_at = j.value ->> 8, attempts = j.value ->> 9,
    provider_id = j.value ->> 10, last_outcome = j.value ->> 11, last_code = j.value ->> 12,
    last_detail = j.value ->> 13, last_ms = j.value ->> 14
from json_each(?) as j
where delivery.env = j.value ->> 0
    and delivery.event = unhex(j.value ->> 1)
    and delivery.workflow = j.value ->> 2
    and delivery.user = j.value ->> 3
    and delivery.step = j.value ->> 4
    and delivery.channel = j.value ->> 5
    and delivery.destination = j.value ->> 6
