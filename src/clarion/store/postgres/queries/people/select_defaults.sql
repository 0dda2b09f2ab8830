-- Of workflows and categories (2, 3) all; of topics (1) only those asked for, as there may be many.
select "user", kind, scope, body from setting
where env = $1 and "user" = 0 and kind in (2, 3)
union all
select "user", kind, scope, body from setting
where env = $1 and "user" = 0 and kind = 7 and scope = 0
union all
select "user", kind, scope, body from setting
where env = $1 and "user" = 0 and kind = 6 and scope = $2
union all
select s."user", s.kind, s.scope, s.body
from unnest($3::int8[]) as j(scope)
join setting as s on s.env = $1 and s."user" = 0 and s.kind = 1 and s.scope = j.scope
order by kind, scope
