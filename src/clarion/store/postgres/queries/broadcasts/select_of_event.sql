select
    seq, topic, tenant, event, workflow, step, lane, published_at, expires_at, defaults_version, excepted,
    cursor
from broadcast
where env = $1 and event = $2
order by workflow
