select id, event, workflow, step, channel, account, at, body
from capture
where env = $1 and "user" = $2 and id > $3
order by id
limit $4
