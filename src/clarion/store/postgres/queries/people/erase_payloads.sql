delete from event_payload as p
using unnest($2::text[]) as j(event)
where p.env = $1 and p.event = decode(j.event, 'hex')
