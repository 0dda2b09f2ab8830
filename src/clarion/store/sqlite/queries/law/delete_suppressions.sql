delete from suppression where env = ?2 and suppression in (select value from json_each(?1))
