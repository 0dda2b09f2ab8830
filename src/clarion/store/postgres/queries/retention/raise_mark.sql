insert into retention_mark as m (env, kind, event) values ($1, $2, $3)
on conflict (env, kind) do update set event = greatest(m.event, excluded.event)
