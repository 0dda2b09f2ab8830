-- What was not tried keeps the words of the try before.
update delivery
set
    status = j.value ->> 7, updated_at = j.value ->> 8, attempts = j.value ->> 9,
    provider_id = coalesce(j.value ->> 10, provider_id),
    last_outcome = coalesce(j.value ->> 11, last_outcome),
    last_code = coalesce(j.value ->> 12, last_code),
    last_detail = coalesce(j.value ->> 13, last_detail),
    last_ms = coalesce(j.value ->> 14, last_ms)
from json_each(?) as j
where delivery.env = j.value ->> 0
    and delivery.event = unhex(j.value ->> 1)
    and delivery.workflow = j.value ->> 2
    and delivery.user = j.value ->> 3
    and delivery.step = j.value ->> 4
    and delivery.channel = j.value ->> 5
    and delivery.destination = j.value ->> 6
