insert into simulation (env, simulation, name, asked, created_at, updated_at)
select ?1, coalesce(max(simulation), 0) + 1, ?2, ?3, ?4, ?4
from simulation
where env = ?1
returning simulation
