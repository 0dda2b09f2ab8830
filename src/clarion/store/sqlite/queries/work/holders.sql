select d.workflow, d.user, d.key, d.until
from json_each(?) as j
cross join dedupe as d
    on d.env = j.value ->> 0
    and d.workflow = j.value ->> 2
    and d.user = j.value ->> 3
    and d.key = j.value ->> 4
where d.event <> unhex(j.value ->> 1)
