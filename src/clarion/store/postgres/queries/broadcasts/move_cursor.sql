update broadcast set cursor = greatest(cursor, $4) where env = $1 and event = $2 and workflow = $3
