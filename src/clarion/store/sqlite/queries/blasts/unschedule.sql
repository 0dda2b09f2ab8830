update blast set fire_at = null, note = ?3, updated_at = ?4
where env = ?1 and blast = ?2 and state = 1
