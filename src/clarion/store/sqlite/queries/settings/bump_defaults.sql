insert into defaults (env, version) values (?, 1)
on conflict (env) do update set version = version + 1
returning version
