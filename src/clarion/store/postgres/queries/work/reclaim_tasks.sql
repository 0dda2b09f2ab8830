update task
set fence = fence + 1
where lane = any ($1::int8[]) and state = 1 and worker = $2
returning
    task, env, event, workflow, lane, tenant, source, scope, hi, cursor, excepted, fence, crashes,
    ordering_key, cut
