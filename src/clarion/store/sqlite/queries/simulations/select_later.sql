select d.event, d.workflow, d.user, d.decided
from json_each(?) as j
cross join decision as d
    on d.env = ? and d.event = unhex(j.value ->> 0) and d.workflow = j.value ->> 1
    and d.user = j.value ->> 2
order by d.event, d.workflow, d.user, d.at, d.n, d.step
