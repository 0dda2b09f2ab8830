-- A task that was in hand at a death, or failed, waits while the worker holds another such one.
update task
set state = 1, worker = $2, fence = fence + 1, crashes = crashes + 1
where task = any (array(
    select t.task
    from unnest($1::int8[]) as j(lane)
    join task as t on t.lane = j.lane and t.state = 0 and t.due <= $4
    where t.crashes = 0
        or not exists (select 1 from task as o where o.state = 1 and o.crashes > 1 and o.worker = $2)
        and not exists (select 1 from ready as r where r.state = 1 and r.crashes > 1 and r.worker = $2)
    order by t.lane, t.due, t.task
    limit $3
    for update of t skip locked
))
returning
    task, env, event, workflow, lane, tenant, source, scope, hi, cursor, excepted, fence, crashes
