-- Whose rows of (lane, account) wait: every (environment, tenant), round from the one behind (?3, ?4), each
-- with when its first row is due. Two look-ups in the index for each, however many rows wait.
with recursive turn (seq) as (
    select coalesce(
        (
            select seq from ready
            where lane = ?1 and account = ?2 and state = 0 and behind = 0 and (env, tenant) > (?3, ?4)
            order by env, tenant, due, seq limit 1
        ),
        (
            select seq from ready
            where lane = ?1 and account = ?2 and state = 0 and behind = 0
            order by env, tenant, due, seq limit 1
        )
    )
    union
    select coalesce(
        (
            select n.seq from ready as n
            where n.lane = ?1 and n.account = ?2 and n.state = 0 and n.behind = 0
                and (n.env, n.tenant) > (r.env, r.tenant)
            order by n.env, n.tenant, n.due, n.seq limit 1
        ),
        (
            select seq from ready
            where lane = ?1 and account = ?2 and state = 0 and behind = 0
            order by env, tenant, due, seq limit 1
        )
    )
    from turn cross join ready as r on r.seq = turn.seq
    limit ?5
)
select r.env, r.tenant, r.due from turn cross join ready as r on r.seq = turn.seq
