update event set paused_at = ?3 where env = ?1 and event = ?2
