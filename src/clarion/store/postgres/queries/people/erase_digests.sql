-- Each gets a key that says nothing, and that no other open one has.
update digest as g set key = encode(g.digest, 'hex')
from unnest($3::text[], $4::int8[]) as j(event, workflow)
where g.env = $1 and g."user" = $2 and g.digest = decode(j.event, 'hex') and g.workflow = j.workflow
