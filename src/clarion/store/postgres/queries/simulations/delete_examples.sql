delete from simulation_example as e
using unnest($1::int8[], $2::int8[]) as j(env, simulation)
where e.env = j.env and e.simulation = j.simulation
