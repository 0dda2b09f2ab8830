select s."user", s.kind, s.scope, s.body
from unnest($1::int8[]) as j("user")
join setting as s on s.env = $2 and s."user" = j."user"
order by s."user", s.kind, s.scope
