update blast
set state = 3, fired_at = ?3, event = ?4, expires_at = ?5, fire_at = null, note = null
where env = ?1 and blast = ?2 and state = 1
