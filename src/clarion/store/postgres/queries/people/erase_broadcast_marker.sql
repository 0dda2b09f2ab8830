delete from broadcast_marker where env = $1 and "user" = $2
