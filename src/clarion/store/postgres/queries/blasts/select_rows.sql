select
    env, blast, name, type, state, created_at, updated_at, fence, section, cursor, tally, expires_at,
    expires_in_seconds, armed_at, fire_at, forced, fired_at, event, paused_at, paused_by, parked,
    expired_at, canceled_at, ended_at, has_cut, tests, note
from blast
where env = $1 and blast < $2 and state <> 5
order by blast desc
limit $3
