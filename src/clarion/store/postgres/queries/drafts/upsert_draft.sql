insert into draft (env, kind, name, edition, based_on, at, body) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (env, kind, name) do update set
    edition = excluded.edition,
    based_on = excluded.based_on,
    at = excluded.at,
    body = excluded.body
