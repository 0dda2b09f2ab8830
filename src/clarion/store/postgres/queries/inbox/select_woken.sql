-- Items whose time to come back has come.
select env, "user", tenant, seq, seen_at, read_at, archived_at, counted, snoozed_until
from item
where snoozed_until is not null and snoozed_until <= $1
order by snoozed_until
limit $2
for update skip locked
