-- Rows of (env, event, workflow, user).
select n.event, n.workflow, n.user, n.tenant, n.bucket, n.decided
from json_each(?1) as j
cross join notification as n
    on n.env = j.value ->> 0 and n.event = unhex(j.value ->> 1) and n.workflow = j.value ->> 2
    and n.user = j.value ->> 3
