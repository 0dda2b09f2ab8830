insert into redrive (env, filter, rate_per_second, created_at, next_due, updated_at)
values ($1, $2, $3, $4, $4, $4)
returning redrive
