select
    env, blast, name, type, state, created_at, updated_at, fence, section, cursor, tally, expires_at,
    expires_in_seconds, armed_at, fire_at, forced, fired_at, event, paused_at, paused_by, parked,
    expired_at, canceled_at, ended_at, has_cut, tests, note
from blast
where state = 1 and fire_at is not null and fire_at <= $1
order by fire_at, env, blast
limit $2
