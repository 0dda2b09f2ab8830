update worker set rescued_at = ?2 where worker in (select value from json_each(?1))
