select
    env, simulation, name, asked, created_at, state, cursor, total, done, tally, error,
    updated_at, finished_at
from simulation
where finished_at is null
order by created_at, env, simulation
limit $1
