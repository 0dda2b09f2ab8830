delete from event as e
using unnest($2::text[]) as j(event)
where e.env = $1 and e.event = decode(j.event, 'hex')
