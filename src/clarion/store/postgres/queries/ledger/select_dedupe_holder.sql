select event from dedupe where env = $1 and workflow = $2 and "user" = $3 and key = $4
