with left_behind as materialized (
    select env, event, workflow, "user", step from waiting
    where lane in (0, 1, 2, 3) and state = 1 and worker = any($1::int8[])
    order by env, event, workflow, "user", step
    for no key update
)
update waiting as w set state = 0, worker = 0
from left_behind as l
where w.env = l.env and w.event = l.event and w.workflow = l.workflow and w."user" = l."user"
    and w.step = l.step
