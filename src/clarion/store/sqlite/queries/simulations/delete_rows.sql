delete from simulation
where (env, simulation) in (select value ->> 0, value ->> 1 from json_each(?))
