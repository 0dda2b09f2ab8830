select d.event, d.workflow, d.step, d.channel, d.destination, d.status, d.created_at, d.updated_at
from json_each(?3) as j
cross join delivery as d
    on d.env = ?1 and d.event = unhex(j.value ->> 0) and d.workflow = j.value ->> 1 and d.user = ?2
order by d.step, d.channel, d.destination
