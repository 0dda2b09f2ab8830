-- The next events and digests with 1 where work is left.
select e.event, case when
    e.expanding > 0 or coalesce((
        select sum(c.open + c.held) from event_count as c
        where c.env = e.env and c.event = e.event and c.kind = 0
    ), 0) + coalesce((
        select sum(d.open + d.held) from event_delta as d
        where d.env = e.env and d.event = e.event and d.kind = 0
    ), 0) > 0
    then 1 else 0 end
from event as e
where e.env = ?1 and e.event >= ?2 and e.event < ?3
union all
select g.digest, case when g.closed_at is null or g.part in (0, 1, 2) then 1 else 0 end
from digest as g
where g.env = ?1 and g.digest >= ?2 and g.digest < ?3
order by 1
limit ?4
