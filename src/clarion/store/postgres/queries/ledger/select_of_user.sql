select event, workflow, "user", tenant, bucket, decided
from notification
where env = $1 and "user" = $2 and "user" > 0 and event = $3
order by workflow
