update worker set beat_at = $2 where worker = $1 and stopped_at is null
