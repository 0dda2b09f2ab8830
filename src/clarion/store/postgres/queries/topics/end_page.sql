update subscription set until = $1
where env = $2 and topic = $3 and "user" > $4 and "user" <= $5 and since <= $1 and until is null
