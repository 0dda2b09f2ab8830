delete from setting_history where env = $1 and "user" = $2
