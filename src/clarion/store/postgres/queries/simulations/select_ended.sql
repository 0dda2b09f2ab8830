select env, simulation from simulation
where finished_at <= $1
order by finished_at
limit $2
