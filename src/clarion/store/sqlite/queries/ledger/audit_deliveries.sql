select channel, status, count(*) from delivery where env = ? and event = ? group by channel, status
