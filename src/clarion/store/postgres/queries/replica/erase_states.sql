delete from source_state where env = $1 and user_id = $2 and accepted_at < $3
