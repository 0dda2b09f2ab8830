insert into retention_mark (env, kind, event, workflow, "user", left_at)
values ($1, $2, $3, $4, $5, $6)
on conflict (env, kind) do update set
    event = excluded.event,
    workflow = excluded.workflow,
    "user" = excluded."user",
    left_at = excluded.left_at
