select p.event, p.data
from unnest($1::text[]) as j(event)
join event_payload as p on p.env = $2 and p.event = decode(j.event, 'hex')
