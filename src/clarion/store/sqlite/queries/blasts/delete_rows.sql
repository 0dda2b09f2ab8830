delete from blast where (env, blast) in (select value ->> 0, value ->> 1 from json_each(?1))
