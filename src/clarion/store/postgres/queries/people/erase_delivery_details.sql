update delivery as d set last_detail = null
from unnest($3::text[], $4::int8[]) as j(event, workflow)
where d.env = $1 and d."user" = $2 and d.event = decode(j.event, 'hex') and d.workflow = j.workflow
    and d.last_detail <> ''
