update account set paused_until = greatest(paused_until, $2) where account = $1
