insert into draft (env, kind, name, edition, based_on, at, body) values (?, ?, ?, ?, ?, ?, ?)
on conflict (env, kind, name) do update set
    edition = excluded.edition,
    based_on = excluded.based_on,
    at = excluded.at,
    body = excluded.body
