select n.name, n.number
from unnest($1::text[]) as j(name)
join name as n on n.env = $2 and n.kind = $3 and n.name = j.name
