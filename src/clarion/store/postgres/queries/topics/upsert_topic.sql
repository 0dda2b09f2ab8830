insert into topic (env, topic, version, parent, kind, default_level, data, at)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (env, topic) do update set
    version = excluded.version,
    parent = excluded.parent,
    kind = excluded.kind,
    default_level = excluded.default_level,
    data = excluded.data,
    at = excluded.at,
    deleted_at = null
