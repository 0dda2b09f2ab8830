select event, workflow, "user", left_at from retention_mark where env = $1 and kind = $2
