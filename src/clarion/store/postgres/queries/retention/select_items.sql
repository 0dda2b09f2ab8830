-- Items that tell several events are as old as the newest of them.
select i.env, i."user", i.tenant, i.seq, i.seen_at, i.read_at, i.archived_at, i.counted
from environment as e
join item as i on i.env = e.env and i.event < $1
where i.updated_at is null or i.updated_at < $2
order by i.env, i.event
limit $3
for update of i skip locked
