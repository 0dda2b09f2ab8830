delete from consent_state where env = $1 and "user" = $2
