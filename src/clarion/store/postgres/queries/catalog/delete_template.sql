update template set version = version + 1, at = $1, deleted_at = $1
where env = $2 and name = $3 and deleted_at is null
