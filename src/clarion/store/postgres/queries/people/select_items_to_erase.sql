select env, "user", tenant, seq, seen_at, read_at, archived_at, counted, snoozed_until
from item
where env = $1 and "user" = $2
order by tenant, seq
limit $3
for update
