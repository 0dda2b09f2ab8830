insert into name (env, kind, name, number)
select $1::int8, $2::int8, j.name, $3::int8 + j.n - 1
from unnest($4::text[]) with ordinality as j(name, n)
order by j.name collate "C"
on conflict (env, kind, name) do nothing
