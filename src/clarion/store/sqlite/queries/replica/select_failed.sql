select kind, id, user_id, version, source_at, accepted_at, failed_at, detail, lower(hex(entity))
from source_state
where env = ?1 and state = 2 and (failed_at, entity) < (?2, unhex(?3))
order by failed_at desc, entity desc
limit ?4
