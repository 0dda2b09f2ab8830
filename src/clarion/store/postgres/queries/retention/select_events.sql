select e.env, e.event
from environment as n
join event as e on e.env = n.env and e.event < $1
where e.expanding = 0
    and not exists (
        select 1 from notification as o
        where o.env = e.env and o.event = e.event and o.bucket in (1, 2)
    )
order by e.env, e.event
limit $2
