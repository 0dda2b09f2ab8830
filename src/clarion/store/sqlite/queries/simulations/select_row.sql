select
    env, simulation, name, asked, created_at, state, cursor, total, done, tally, error,
    updated_at, finished_at
from simulation
where env = ? and simulation = ?
