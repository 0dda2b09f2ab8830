select
    redrive, env, filter, rate_per_second, created_at, next_due, cursor, done, updated_at, finished_at
from redrive
where ($1::int8 is null or env = $1) and ($2::int8 = 0 or finished_at is null)
order by redrive desc
limit 200
