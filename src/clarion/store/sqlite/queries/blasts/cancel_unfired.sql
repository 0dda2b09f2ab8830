update blast set state = 4, canceled_at = ?3, ended_at = ?3, fire_at = null, fence = fence + 1
where env = ?1 and blast = ?2 and state <> 3 and canceled_at is null
