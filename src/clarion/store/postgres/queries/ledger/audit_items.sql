select count(*) from item where env = $1 and event = $2
