select n."user", n.event, n.workflow, n.tenant, n.decided
from unnest($1::int8[]) as j("user")
join notification as n
    on n.env = $2 and n."user" = j."user" and n."user" > 0 and n.event >= $3 and n.event < $4
order by n."user", n.event, n.workflow
limit $5
