-- Due tasks of a lane in turns: the oldest of each (environment, tenant), then the second of each.
update task
set state = 1, worker = ?2, fence = fence + 1, crashes = crashes + 1
where task in (
    select task from (
        select t.task, t.due, row_number() over (partition by t.env, t.tenant order by t.due, t.task) as turn
        from json_each(?5) as j
        cross join task as t on t.task in (
            select n.task from task as n
            where n.lane = ?1 and n.state = 0 and n.behind = 0
                and n.env = j.value ->> 0 and n.tenant = j.value ->> 1 and n.due <= ?4
            order by n.due, n.task
            limit ?3
        )
    )
    order by turn, due, task
    limit ?3
)
    and exists (select 1 from worker as w where w.worker = ?2 and w.stopped_at is null)
returning
    task, env, event, workflow, lane, tenant, source, scope, hi, cursor, excepted, fence, crashes,
    ordering_key, cut
