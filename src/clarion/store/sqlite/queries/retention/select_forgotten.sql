select event from forgotten_event where env = ?1 order by event limit ?2
