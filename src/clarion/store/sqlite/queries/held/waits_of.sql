-- What still waits of a notification, also in digests.
select step, due, gates, kind, null from waiting
where env = ?1 and event = ?2 and workflow = ?3 and user = ?4
union all
select d.step, d.due, '', 2, d.digest
from digest_entry as e indexed by digest_entry_by_event
join digest as d on d.env = e.env and d.digest = e.digest
where e.env = ?1 and e.event = ?2 and e.retracted_at is null and d.workflow = ?3 and d.user = ?4
