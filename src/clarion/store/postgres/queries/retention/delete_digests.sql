delete from digest as g
using unnest($2::text[]) as j(event)
where g.env = $1 and g.digest = decode(j.event, 'hex')
