update attempt as a set detail = ''
from unnest($3::text[], $4::int8[]) as j(event, workflow)
where a.env = $1 and a."user" = $2 and a.event = decode(j.event, 'hex') and a.workflow = j.workflow
    and a.detail <> ''
