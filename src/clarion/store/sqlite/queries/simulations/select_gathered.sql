select e.digest, e.event
from json_each(?) as j
cross join digest_entry as e
    on e.env = ? and e.digest = unhex(j.value ->> 0) and e.event = unhex(j.value ->> 1)
