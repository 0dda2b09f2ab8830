insert into blast (env, blast, name, type, created_at, updated_at, expires_at, expires_in_seconds)
select ?1, coalesce(max(blast), 0) + 1, ?2, ?3, ?4, ?4, ?5, ?6
from blast
where env = ?1
returning blast
