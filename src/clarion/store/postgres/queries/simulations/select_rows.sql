select
    env, simulation, name, asked, created_at, state, cursor, total, done, tally, error,
    updated_at, finished_at
from simulation
where env = $1 and simulation < $2
order by simulation desc
limit $3
