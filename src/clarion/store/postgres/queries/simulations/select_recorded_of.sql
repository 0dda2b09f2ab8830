select "user", event, workflow, tenant, decided
from notification
where env = $1 and "user" = $2 and "user" > 0 and (event, workflow) > ($3, $4) and event < $5
order by event, workflow
limit $6
