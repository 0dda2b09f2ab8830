-- Whose tasks of a lane wait; as of deliveries.
with recursive turn (task, env, tenant, due) as (
    (
        select f.task, f.env, f.tenant, f.due
        from (
            (
                select 1 as n, task, env, tenant, due from task
                where lane = $1 and state = 0 and behind = 0 and (env, tenant) > ($2::int8, $3::int8)
                order by env, tenant, due, task limit 1
            )
            union all
            (
                select 2 as n, task, env, tenant, due from task
                where lane = $1 and state = 0 and behind = 0
                order by env, tenant, due, task limit 1
            )
        ) as f
        order by f.n limit 1
    )
    union
    select f.task, f.env, f.tenant, f.due
    from turn
    cross join lateral (
        select g.task, g.env, g.tenant, g.due
        from (
            (
                select 1 as n, t.task, t.env, t.tenant, t.due from task as t
                where t.lane = $1 and t.state = 0 and t.behind = 0
                    and (t.env, t.tenant) > (turn.env, turn.tenant)
                order by t.env, t.tenant, t.due, t.task limit 1
            )
            union all
            (
                select 2 as n, task, env, tenant, due from task
                where lane = $1 and state = 0 and behind = 0
                order by env, tenant, due, task limit 1
            )
        ) as g
        order by g.n limit 1
    ) as f
)
select env, tenant, due from turn limit $4
