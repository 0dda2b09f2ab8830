insert into "user" as u (env, "user", version, at, erased_at) values ($1, $2, 1, $3, $3)
on conflict (env, "user") do update set
    version = u.version + 1,
    source_version = null,
    at = excluded.at,
    locale = null,
    zone = null,
    email = null,
    phone = null,
    name = null,
    roles = '[]',
    data = '{}',
    suppressed = 0,
    erased_at = excluded.erased_at
