insert into category_history (env, category, version, at, body)
select $1::int8, j.category, j.version, $2::int8, j.body
from unnest($3::int8[], $4::int8[], $5::text[]) as j(category, version, body)
