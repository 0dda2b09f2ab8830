insert into erasure (env, "user", began_at) values ($1, $2, $3)
