delete from destination where env = $1 and "user" = $2
