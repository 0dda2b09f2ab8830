delete from inbox_counter where env = $1 and "user" = $2
