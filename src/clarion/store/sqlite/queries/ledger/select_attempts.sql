select step, channel, destination, n, account, at, ms, outcome, code, detail
from attempt
where env = ? and event = ? and workflow = ? and user = ?
order by step, channel, destination, n
