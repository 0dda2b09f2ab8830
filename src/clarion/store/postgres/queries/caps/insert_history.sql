insert into cap_history (env, tenant, version, at, body) values ($1, $2, $3, $4, $5)
