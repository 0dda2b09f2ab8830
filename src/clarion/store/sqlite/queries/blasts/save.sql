update blast
set section = ?4, cursor = ?5, tally = ?6, updated_at = ?7, lease_until = ?8, state = ?9, armed_at = ?10,
    ended_at = ?11
where env = ?1 and blast = ?2 and fence = ?3 and state = 0
