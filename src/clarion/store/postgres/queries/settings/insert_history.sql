insert into setting_history (env, "user", version, at, source, kind, scope, body)
select $1::int8, $2::int8, $3::int8, $4::int8, $5::text, j.kind, j.scope, j.body
from unnest($6::int8[], $7::int8[], $8::text[]) as j(kind, scope, body)
