select id, event, workflow, user, step, channel, destination, account, at, body
from capture
where env = ? and id < ?
order by id desc
limit ?
