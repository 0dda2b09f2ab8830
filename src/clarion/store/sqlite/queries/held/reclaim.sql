-- What a worker holds without knowing it, as the answer to its claim was lost.
update waiting
set fence = fence + 1
where lane = ?1 and state = 1 and worker = ?2
returning
    env, event, workflow, user, step, n, first, last, kind, gates, lane, tenant, due, fence, crashes
