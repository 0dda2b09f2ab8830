delete from simulation as s
using unnest($1::int8[], $2::int8[]) as j(env, simulation)
where s.env = j.env and s.simulation = j.simulation
