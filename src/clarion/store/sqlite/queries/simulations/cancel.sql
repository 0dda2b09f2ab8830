update simulation
set state = ?4, updated_at = ?3, finished_at = ?3
where env = ?1 and simulation = ?2 and finished_at is null
