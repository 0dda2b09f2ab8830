select event, workflow, user, tenant, bucket, decided
from notification indexed by notification_by_user
where env = ? and user = ? and event = ?
order by workflow
