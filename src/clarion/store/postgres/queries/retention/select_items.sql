select env, "user", tenant, seq, seen_at, read_at, archived_at, counted
from item
where env = $1 and event < $2
order by event
limit $3
for update skip locked
