-- A task that was in hand at a death, or failed, waits while the worker holds another such one.
update task
set state = 1, worker = ?2, fence = fence + 1, crashes = crashes + 1
where task in (
    select t.task from json_each(?1) as j
    cross join task as t on t.lane = j.value and t.state = 0 and t.due <= ?4
    where t.crashes = 0
        or not exists (select 1 from task where state = 1 and crashes > 1 and worker = ?2)
        and not exists (select 1 from ready where state = 1 and crashes > 1 and worker = ?2)
    order by t.lane, t.due, t.task
    limit ?3
)
returning
    task, env, event, workflow, lane, tenant, source, scope, hi, cursor, excepted, fence, crashes
