insert into template (env, name, version, body, at)
select ?, value ->> 0, value ->> 1, value ->> 2, ? from json_each(?) where true
on conflict (env, name) do update set
    version = excluded.version,
    body = excluded.body,
    at = excluded.at,
    deleted_at = null
