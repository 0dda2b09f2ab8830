select event, workflow
from notification indexed by notification_by_user
where env = ?1 and user = ?2 and (event, workflow) > (?3, ?4)
order by event, workflow
limit ?5
