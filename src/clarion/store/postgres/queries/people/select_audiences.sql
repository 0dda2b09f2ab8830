select e.event, e.audience
from unnest($2::text[]) as j(event)
join event as e on e.env = $1 and e.event = decode(j.event, 'hex')
