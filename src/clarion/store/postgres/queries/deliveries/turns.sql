-- Whose rows of (lane, account) wait: every (environment, tenant), round from the one behind ($3, $4), each
-- with when its first row is due. Two look-ups in the index for each, however many rows wait.
with recursive turn (seq, env, tenant, due) as (
    (
        select f.seq, f.env, f.tenant, f.due
        from (
            (
                select 1 as n, seq, env, tenant, due from ready
                where lane = $1 and account = $2 and state = 0 and behind = 0
                    and (env, tenant) > ($3::int8, $4::int8)
                order by env, tenant, due, seq limit 1
            )
            union all
            (
                select 2 as n, seq, env, tenant, due from ready
                where lane = $1 and account = $2 and state = 0 and behind = 0
                order by env, tenant, due, seq limit 1
            )
        ) as f
        order by f.n limit 1
    )
    union
    select f.seq, f.env, f.tenant, f.due
    from turn
    cross join lateral (
        select g.seq, g.env, g.tenant, g.due
        from (
            (
                select 1 as n, r.seq, r.env, r.tenant, r.due from ready as r
                where r.lane = $1 and r.account = $2 and r.state = 0 and r.behind = 0
                    and (r.env, r.tenant) > (turn.env, turn.tenant)
                order by r.env, r.tenant, r.due, r.seq limit 1
            )
            union all
            (
                select 2 as n, seq, env, tenant, due from ready
                where lane = $1 and account = $2 and state = 0 and behind = 0
                order by env, tenant, due, seq limit 1
            )
        ) as g
        order by g.n limit 1
    ) as f
)
select env, tenant, due from turn limit $5
