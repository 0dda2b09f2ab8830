update workflow set deleted_at = $1 where env = $2 and workflow = $3 and deleted_at is null
