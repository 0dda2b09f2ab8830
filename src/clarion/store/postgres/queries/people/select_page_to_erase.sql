select event, workflow
from notification
where env = $1 and "user" = $2 and "user" > 0 and event >= $3
    and (event, workflow) > ($3, $4)
order by event, workflow
limit $5
