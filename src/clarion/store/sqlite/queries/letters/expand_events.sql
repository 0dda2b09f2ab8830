update event
set expanding = expanding + (j.value ->> 2)
from json_each(?) as j
where event.env = j.value ->> 0 and event.event = unhex(j.value ->> 1)
