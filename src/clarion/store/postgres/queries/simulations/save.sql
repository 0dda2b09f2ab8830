update simulation
set state = $3, cursor = $4, total = $5, done = $6, tally = $7, error = $8, updated_at = $9, finished_at = $10
where env = $1 and simulation = $2 and finished_at is null
