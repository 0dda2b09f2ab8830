update redrive
set cursor = ?2, done = ?3, next_due = ?4, updated_at = ?5, finished_at = ?6
where redrive = ?1
