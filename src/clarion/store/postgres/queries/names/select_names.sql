select j.number, n.name
from unnest($1::int8[]) as j(number)
cross join lateral (
    select n.name from name as n where n.env = $2 and n.kind = $3 and n.number = j.number offset 0
) as n
