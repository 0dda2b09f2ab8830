select d.event, d.workflow, d."user", d.decided
from unnest($1::text[], $2::int8[], $3::int8[]) as j(event, workflow, "user")
join decision as d
    on d.env = $4 and d.event = decode(j.event, 'hex') and d.workflow = j.workflow
    and d."user" = j."user"
order by d.event, d.workflow, d."user", d.at, d.n, d.step
