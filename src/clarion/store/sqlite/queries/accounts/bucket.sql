select full_at, paused_until from account where account = ?
