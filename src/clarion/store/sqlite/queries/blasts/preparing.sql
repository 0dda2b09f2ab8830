-- Those nobody prepares now, the one that was least lately worked on first.
select
    env, blast, name, type, state, created_at, updated_at, fence, section, cursor, tally, expires_at,
    expires_in_seconds, armed_at, fire_at, forced, fired_at, event, paused_at, paused_by, parked,
    expired_at, canceled_at, ended_at, has_cut, tests, note
from blast
where state = 0 and (worker = ?1 or lease_until <= ?2 or not exists (
        select 1 from worker as w where w.worker = blast.worker and w.stopped_at is null
    ))
order by updated_at, env, blast
limit ?3
