update blast
set paused_at = null, paused_by = null, expired_at = coalesce(expired_at, $3)
where env = $1 and blast = $2
