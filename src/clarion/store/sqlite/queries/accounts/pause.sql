update account set paused_until = max(paused_until, ?2) where account = ?1
