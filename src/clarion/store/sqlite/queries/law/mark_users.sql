update user set suppressed = 1
where env = ?2 and suppressed = 0 and user in (select value from json_each(?1))
