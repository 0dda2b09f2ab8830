update blast set ended_at = ?3, updated_at = ?3
where env = ?1 and blast = ?2 and state = 3 and ended_at is null
