select id, event, workflow, "user", step, channel, destination, account, at, body
from capture
where env = $1 and "user" = $2 and id < $3
order by id desc
limit $4
