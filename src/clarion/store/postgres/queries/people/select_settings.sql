select s."user", s.kind, s.scope, s.body
from unnest($3::int8[]) with ordinality as j("user", place)
cross join unnest($1::int8[], $2::int8[]) with ordinality as scopes(kind, scope, place)
join setting as s
    on s.env = $4 and s."user" = j."user" and s.kind = scopes.kind and s.scope = scopes.scope
order by j.place, scopes.place
