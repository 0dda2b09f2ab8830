select d.event, d.workflow, d.step, d.channel, d.destination, d.status, d.created_at, d.updated_at
from unnest($3::text[], $4::int8[]) as j(event, workflow)
join delivery as d
    on d.env = $1 and d.event = decode(j.event, 'hex') and d.workflow = j.workflow and d."user" = $2
order by d.step, d.channel, d.destination
