select n.number, n.name
from unnest($1::int8[]) as j(number)
join name as n on n.env = $2 and n.kind = $3 and n.number = j.number
