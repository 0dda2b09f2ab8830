select n.env, n.event, n.workflow, n.user
from json_each(?) as j
cross join notification as n
    on n.env = j.value ->> 0
    and n.event = unhex(j.value ->> 1)
    and n.workflow = j.value ->> 2
    and n.user = j.value ->> 3
