update topic set version = version + 1, at = $1, deleted_at = $1
where env = $2 and topic = $3 and deleted_at is null
