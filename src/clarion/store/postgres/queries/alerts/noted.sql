select sample from alert where env = $1 and account = $2 and cause = $3 and since = $4 and kind = 0
