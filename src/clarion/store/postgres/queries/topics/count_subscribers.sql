select count(*) from subscription where env = $1 and topic = $2 and until is null
