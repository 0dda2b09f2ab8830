update blast set fire_at = ?3, forced = ?4, note = null where env = ?1 and blast = ?2 and state = 1
