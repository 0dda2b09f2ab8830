-- Due tasks of a lane in turns: the oldest of each (environment, tenant), then the second of each.
update task
set state = 1, worker = $2, fence = fence + 1, crashes = crashes + 1
where task = any (array(
    select c.task
    from (
        select n.task, n.due, row_number() over (partition by j.env, j.tenant order by n.due, n.task) as turn
        from unnest($5::int8[], $6::int8[]) as j(env, tenant)
        cross join lateral (
            select t.task, t.due from task as t
            where t.lane = $1 and t.state = 0 and t.behind = 0
                and t.env = j.env and t.tenant = j.tenant and t.due <= $4
            order by t.due, t.task
            limit $3
            for no key update skip locked
        ) as n
    ) as c
    order by c.turn, c.due, c.task
    limit $3
))
    and exists (select 1 from worker as w where w.worker = $2 and w.stopped_at is null)
returning
    task, env, event, workflow, lane, tenant, source, scope, hi, cursor, excepted, fence, crashes,
    ordering_key, cut
