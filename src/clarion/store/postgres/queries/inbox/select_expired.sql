select env, "user", tenant, seq, seen_at, read_at, archived_at, counted, snoozed_until
from item
where counted = 1 and expires_at is not null and expires_at <= $1
order by expires_at
limit $2
for update skip locked
