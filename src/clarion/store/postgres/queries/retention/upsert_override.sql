insert into environment_retention (env, kind, days) values ($1, $2, $3)
on conflict (env, kind) do update set days = excluded.days
