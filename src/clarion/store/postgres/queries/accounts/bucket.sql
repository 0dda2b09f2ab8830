select full_at, paused_until from account where account = $1 for update
