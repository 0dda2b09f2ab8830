delete from forgotten_event as f
using unnest($2::text[]) as j(event)
where f.env = $1 and f.event = decode(j.event, 'hex')
