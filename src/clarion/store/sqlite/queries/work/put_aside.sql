select task, event, workflow, lane, tenant, source, scope, cursor, crashes, due
from task
where state = 3 and task.env = ?1 and (?2 is null or event = ?2)
order by task desc
limit 1000
