insert into retention_mark (env, kind, event) values (?1, ?2, ?3)
on conflict (env, kind) do update set event = max(event, excluded.event)
