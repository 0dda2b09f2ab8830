select m."user", n.name
from unnest($1::int8[]) as j("user")
cross join lateral (
    select * from tenant_member as m where m.env = $2 and m."user" = j."user" and m.until is null
    offset 0
) as m
join name as n on n.env = m.env and n.kind = 3 and n.number = m.tenant
order by n.name
