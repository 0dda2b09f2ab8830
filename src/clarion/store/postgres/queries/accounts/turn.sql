update account
set phase = $3, since = $4, until = $5, trips = $6, step = $7, cause = $8, holder = $9, term = term + 1
where account = $1 and term = $2
