-- Items that tell several events are as old as the newest of them.
select env, user, tenant, seq, seen_at, read_at, archived_at, counted, snoozed_until
from item indexed by item_by_notification
where env = ?1 and event < ?2 and (updated_at is null or updated_at < ?3)
order by event
limit ?4
