insert into setting (env, "user", kind, scope, version, body)
select $1::int8, $2::int8, j.kind, j.scope, $3::int8, j.body
from unnest($4::int8[], $5::int8[], $6::text[]) as j(kind, scope, body)
order by j.kind, j.scope
on conflict (env, "user", kind, scope) do update set
    version = excluded.version, body = excluded.body
