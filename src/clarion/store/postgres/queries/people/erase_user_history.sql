delete from user_history where env = $1 and "user" = $2
