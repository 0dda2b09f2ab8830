select event, workflow, "user", tenant, bucket, decided
from notification
where env = $1 and event = $2 and workflow = $3 and "user" = $4
