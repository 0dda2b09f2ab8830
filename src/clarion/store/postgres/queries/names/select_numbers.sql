-- Each name leads to one place of the key: the plan is the same before the table's first statistics.
select j.name, n.number
from unnest($1::text[]) as j(name)
cross join lateral (
    select n.env, n.kind, n.name, n.number
    from name as n
    where (n.env, n.kind, n.name) >= ($2, $3, j.name)
    order by n.env, n.kind, n.name
    limit 1
) as n
where n.env = $2 and n.kind = $3 and n.name = j.name
