insert into simulation (env, simulation, name, asked, created_at, updated_at)
select $1::int8, coalesce(max(simulation), 0) + 1, $2::text, $3::text, $4::int8, $4::int8
from simulation
where env = $1
returning simulation
