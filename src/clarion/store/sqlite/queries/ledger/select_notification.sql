select event, workflow, user, tenant, bucket, decided
from notification
where env = ? and event = ? and workflow = ? and user = ?
