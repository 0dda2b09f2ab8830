select
    redrive, env, filter, rate_per_second, created_at, next_due, cursor, done, updated_at, finished_at
from redrive
where env = ?1 and redrive < ?2
order by redrive desc
limit ?3
