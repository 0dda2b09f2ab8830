-- The first row of each (environment, tenant) is its earliest.
with recursive turn (env, tenant, due) as (
    (
        select env, tenant, due from ready
        where lane = $1 and account = $2 and state = 0 and behind = 0
        order by env, tenant, due, seq limit 1
    )
    union all
    select f.env, f.tenant, f.due
    from turn
    cross join lateral (
        select r.env, r.tenant, r.due from ready as r
        where r.lane = $1 and r.account = $2 and r.state = 0 and r.behind = 0
            and (r.env, r.tenant) > (turn.env, turn.tenant)
        order by r.env, r.tenant, r.due, r.seq limit 1
    ) as f
)
select min(due) from turn
