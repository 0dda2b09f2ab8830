select channel, status, count(*) from delivery where env = $1 and event = $2 group by channel, status
