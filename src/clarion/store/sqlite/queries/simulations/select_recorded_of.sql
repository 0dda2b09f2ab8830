select user, event, workflow, tenant, decided
from notification indexed by notification_by_user
where env = ? and user = ? and (event, workflow) > (?, ?) and event < ?
order by event, workflow
limit ?
