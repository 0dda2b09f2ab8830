with scopes as materialized (select value ->> 0 as kind, value ->> 1 as scope from json_each(?))
select s.user, s.kind, s.scope, s.body
from json_each(?) as j
cross join scopes
cross join setting as s
    on s.env = ? and s.user = j.value and s.kind = scopes.kind and s.scope = scopes.scope
