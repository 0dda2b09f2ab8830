insert into setting_history (env, "user", version, at, kind, scope, body)
select $1::int8, $2::int8, $3::int8, $4::int8, j.kind, j.scope, j.body
from unnest($5::int8[], $6::int8[], $7::text[]) as j(kind, scope, body)
