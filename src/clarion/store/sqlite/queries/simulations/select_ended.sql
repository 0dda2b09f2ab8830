select env, simulation from simulation
where finished_at <= ?
order by finished_at
limit ?
