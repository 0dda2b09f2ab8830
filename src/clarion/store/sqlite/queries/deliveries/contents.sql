select c.event, c.workflow, c.step, c.locale, c.user, c.body
from json_each(?) as j
cross join content as c
    on c.env = j.value ->> 0
    and c.event = unhex(j.value ->> 1)
    and c.workflow = j.value ->> 2
    and c.step = j.value ->> 4
where c.user in (0, j.value ->> 3)
