-- What this worker holds by a claim whose answer never came.
update task
set fence = fence + 1
where task in (select task from task where lane = ?1 and state = 1 and worker = ?2)
returning
    task, env, event, workflow, lane, tenant, source, scope, hi, cursor, excepted, fence, crashes
