-- Whose tasks of a lane wait; as of deliveries.
with recursive turn (task) as (
    select coalesce(
        (
            select task from task
            where lane = ?1 and state = 0 and behind = 0 and (env, tenant) > (?2, ?3)
            order by env, tenant, due, task limit 1
        ),
        (
            select task from task
            where lane = ?1 and state = 0 and behind = 0
            order by env, tenant, due, task limit 1
        )
    )
    union
    select coalesce(
        (
            select n.task from task as n
            where n.lane = ?1 and n.state = 0 and n.behind = 0 and (n.env, n.tenant) > (t.env, t.tenant)
            order by n.env, n.tenant, n.due, n.task limit 1
        ),
        (
            select task from task
            where lane = ?1 and state = 0 and behind = 0
            order by env, tenant, due, task limit 1
        )
    )
    from turn cross join task as t on t.task = turn.task
    limit ?4
)
select t.env, t.tenant, t.due from turn cross join task as t on t.task = turn.task
