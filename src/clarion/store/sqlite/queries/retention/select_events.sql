-- Digests stand in for events in keys. 1 and 2 are open and held.
select e.event
from event as e
where e.env = ?1 and e.event < ?2 and not (
    e.expanding > 0 or coalesce((
        select sum(c.open + c.held) from event_count as c
        where c.env = e.env and c.event = e.event and c.kind = 0
    ), 0) + coalesce((
        select sum(d.open + d.held) from event_delta as d
        where d.env = e.env and d.event = e.event and d.kind = 0
    ), 0) > 0
)
union all
select g.digest
from digest as g
where g.env = ?1 and g.digest < ?2 and g.closed_at is not null and g.part not in (0, 1, 2)
order by 1
limit ?3
