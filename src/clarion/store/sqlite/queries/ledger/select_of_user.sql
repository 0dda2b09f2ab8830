select event, workflow, user, tenant, bucket, decided
from notification
where env = ? and user = ? and event = ?
order by workflow
