delete from presence where env = $1 and "user" = $2
