update event as e
set expanding = e.expanding + j.tasks
from unnest($1::int8[], $2::text[], $3::int8[]) as j(env, event, tasks)
where e.env = j.env and e.event = decode(j.event, 'hex')
