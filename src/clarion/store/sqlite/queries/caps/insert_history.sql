insert into cap_history (env, tenant, version, at, body) values (?, ?, ?, ?, ?)
