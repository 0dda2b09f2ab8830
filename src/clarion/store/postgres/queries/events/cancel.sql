update event as e set cancelled_at = coalesce(e.cancelled_at, $3)
from unnest($2::text[]) as j(event)
where e.env = $1 and e.event = decode(j.event, 'hex')
returning e.event
