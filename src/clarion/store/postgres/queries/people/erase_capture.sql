delete from capture where env = $1 and "user" = $2
