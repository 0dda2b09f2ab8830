select id, event, workflow, "user", step, channel, destination, account, at, body
from capture
where env = $1 and id < $2
order by id desc
limit $3
