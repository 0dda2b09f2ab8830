-- The first row of each (environment, tenant) is its earliest.
with recursive turn (seq) as (
    select (
        select seq from ready
        where lane = ?1 and account = ?2 and state = 0 and behind = 0
        order by env, tenant, due, seq limit 1
    )
    union all
    select (
        select n.seq from ready as n
        where n.lane = ?1 and n.account = ?2 and n.state = 0 and n.behind = 0
            and (n.env, n.tenant) > (r.env, r.tenant)
        order by n.env, n.tenant, n.due, n.seq limit 1
    )
    from turn cross join ready as r on r.seq = turn.seq
)
select min(r.due) from turn cross join ready as r on r.seq = turn.seq
