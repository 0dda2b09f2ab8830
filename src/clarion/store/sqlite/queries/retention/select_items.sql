select i.env, i.user, i.tenant, i.seq, i.seen_at, i.read_at, i.archived_at, i.counted
from environment as e
cross join item as i on i.env = e.env and i.event < ?1
order by i.env, i.event
limit ?2
