delete from environment_retention where env = ?1 and kind = ?2
