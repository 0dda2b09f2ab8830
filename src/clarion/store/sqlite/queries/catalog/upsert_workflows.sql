-- A workflow that was deleted comes back running.
insert into workflow (env, workflow, version, on_type)
select ?, value ->> 0, value ->> 1, value ->> 5 from json_each(?) where true
on conflict (env, workflow) do update set
    version = excluded.version,
    on_type = excluded.on_type,
    paused_at = iif(deleted_at is null, paused_at, null),
    deleted_at = null
