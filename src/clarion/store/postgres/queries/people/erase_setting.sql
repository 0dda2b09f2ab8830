delete from setting where env = $1 and "user" = $2
