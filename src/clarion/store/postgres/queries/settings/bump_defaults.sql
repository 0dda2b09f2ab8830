insert into defaults (env, version) values ($1, 1)
on conflict (env) do update set version = defaults.version + 1
returning version
