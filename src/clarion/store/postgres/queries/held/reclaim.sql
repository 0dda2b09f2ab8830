-- What a worker holds without knowing it, as the answer to its claim was lost.
update waiting as w
set fence = w.fence + 1
where w.lane = $1 and w.state = 1 and w.worker = $2
returning
    w.env, w.event, w.workflow, w."user", w.step, w.n, w.first, w.last, w.kind, w.gates, w.lane,
    w.tenant, w.due, w.fence, w.crashes
