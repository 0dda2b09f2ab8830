select step, channel, destination, n, account, at, ms, outcome, code, detail
from attempt
where env = $1 and event = $2 and workflow = $3 and "user" = $4
order by step, channel, destination, n
