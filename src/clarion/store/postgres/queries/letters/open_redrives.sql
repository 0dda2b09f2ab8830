-- Whoever may go on is first, as each batch moves `next_due` to now or later.
select
    redrive, env, filter, rate_per_second, created_at, next_due, cursor, done, updated_at, finished_at
from redrive
where finished_at is null
order by next_due, redrive
limit $1
