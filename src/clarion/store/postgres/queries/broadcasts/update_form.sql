update topic set broadcast = $1 where env = $2 and topic = $3
