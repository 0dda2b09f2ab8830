insert into template_history (env, name, version, at, body)
select $1::int8, j.name, j.version, $2::int8, j.body
from unnest($3::text[], $4::int8[], $5::text[]) as j(name, version, body)
