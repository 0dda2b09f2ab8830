delete from subscription where env = $1 and "user" = $2
