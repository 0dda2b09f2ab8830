delete from cap where env = $1 and "user" = $2
