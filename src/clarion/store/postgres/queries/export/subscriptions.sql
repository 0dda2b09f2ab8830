select topic, since, until
from subscription
where env = $1 and "user" = $2 and (topic, since) > ($3, $4)
order by topic, since
limit $5
