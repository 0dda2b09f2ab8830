-- Whose rows of (lane, account) wait: every (environment, tenant), round from the one behind ($3, $4), each
-- with when its first row is due. A look-up in the index for each, however many rows wait.
with recursive onward (env, tenant, due) as (
    (
        select env, tenant, due from ready
        where lane = $1 and account = $2 and state = 0 and behind = 0
            and (env, tenant) > ($3::int8, $4::int8)
        order by env, tenant, due, seq limit 1
    )
    union all
    select f.env, f.tenant, f.due
    from onward as o
    cross join lateral (
        select r.env, r.tenant, r.due from ready as r
        where r.lane = $1 and r.account = $2 and r.state = 0 and r.behind = 0
            and (r.env, r.tenant) > (o.env, o.tenant)
        order by r.env, r.tenant, r.due, r.seq limit 1
    ) as f
),
around (env, tenant, due) as (
    (
        select env, tenant, due from ready
        where lane = $1 and account = $2 and state = 0 and behind = 0
            and (env, tenant) <= ($3::int8, $4::int8)
        order by env, tenant, due, seq limit 1
    )
    union all
    select f.env, f.tenant, f.due
    from around as a
    cross join lateral (
        select r.env, r.tenant, r.due from ready as r
        where r.lane = $1 and r.account = $2 and r.state = 0 and r.behind = 0
            and (r.env, r.tenant) > (a.env, a.tenant)
            and (r.env, r.tenant) <= ($3::int8, $4::int8)
        order by r.env, r.tenant, r.due, r.seq limit 1
    ) as f
)
select env, tenant, due from onward
union all
select env, tenant, due from around
limit $5
