-- Closed once; what comes later opens another. Rows of (env, digest).
update digest set closed_at = coalesce(closed_at, ?2)
where (env, digest) in (select value ->> 0, unhex(value ->> 1) from json_each(?1))
returning
    env, digest, user, tenant, workflow, step, key, version, category, category_version, lane, about,
    opened_at, closed_at
