update account set full_at = $2 where account = $1
