insert into template (env, name, version, body, at)
select $1::int8, j.name, j.version, j.body, $2::int8
from unnest($3::text[], $4::int8[], $5::text[]) as j(name, version, body)
order by j.name collate "C"
on conflict (env, name) do update set
    version = excluded.version,
    body = excluded.body,
    at = excluded.at,
    deleted_at = null
