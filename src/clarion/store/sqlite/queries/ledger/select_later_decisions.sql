-- Rows of (env, event, workflow, user): their later decisions, in order.
select d.event, d.workflow, d.user, d.n, d.decided
from json_each(?1) as j
cross join decision as d
    on d.env = j.value ->> 0 and d.event = unhex(j.value ->> 1) and d.workflow = j.value ->> 2
    and d.user = j.value ->> 3
order by d.n, d.step
