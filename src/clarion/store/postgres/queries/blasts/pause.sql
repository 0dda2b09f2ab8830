update blast set paused_at = $3, paused_by = $4, parked = 1 where env = $1 and blast = $2
