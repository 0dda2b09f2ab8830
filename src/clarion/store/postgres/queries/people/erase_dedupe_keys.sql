delete from dedupe as d
using (
    select distinct workflow from unnest($3::text[], $4::int8[]) as j(event, workflow)
) as w
where d.env = $1 and d."user" = $2 and d.workflow = w.workflow
