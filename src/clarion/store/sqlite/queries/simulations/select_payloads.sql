select p.event, p.data
from json_each(?) as j
cross join event_payload as p on p.env = ? and p.event = unhex(j.value)
