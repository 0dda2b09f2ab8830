update blast
set canceled_at = $3, paused_at = null, paused_by = null, fire_at = null
where env = $1 and blast = $2
