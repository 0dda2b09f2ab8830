update task
set fence = fence + 1
where lane in (select value from json_each(?1)) and state = 1 and worker = ?2
returning
    task, env, event, workflow, lane, tenant, source, scope, hi, cursor, excepted, fence, crashes,
    ordering_key, cut
