delete from content as c
using unnest($3::text[], $4::int8[]) as j(event, workflow)
where c.env = $1 and c."user" = $2 and c.event = decode(j.event, 'hex') and c.workflow = j.workflow
