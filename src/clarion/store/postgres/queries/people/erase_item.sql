delete from item where env = $1 and "user" = $2
