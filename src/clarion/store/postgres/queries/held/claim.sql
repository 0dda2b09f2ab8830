-- Due rows of a lane, the longest overdue first; the claim raises fence and crash count.
update waiting as w
set state = 1, worker = $2, fence = w.fence + 1, crashes = w.crashes + 1
from (
    select env, event, workflow, "user", step from waiting
    where lane = $1 and state = 0 and due <= $4
    order by due
    limit $3
    for no key update skip locked
) as c
where w.env = c.env and w.event = c.event and w.workflow = c.workflow and w."user" = c."user"
    and w.step = c.step
    and exists (select 1 from worker as v where v.worker = $2 and v.stopped_at is null)
returning
    w.env, w.event, w.workflow, w."user", w.step, w.n, w.first, w.last, w.kind, w.gates, w.lane,
    w.tenant, w.due, w.fence, w.crashes
