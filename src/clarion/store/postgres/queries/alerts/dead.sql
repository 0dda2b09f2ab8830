select l.env, l.account, l.cause, count(*) as n, min(l.at), max(l.at)
from environment as e
join dead_letter as l on l.env = e.env and l.at >= $1 and l.at < $2
group by l.env, l.account, l.cause
having count(*) >= $3
order by n desc, l.env, l.account, l.cause
limit $4
