select h."user", h.kind, h.scope, h.body
from (
    select distinct on (kind, scope) "user", kind, scope, body
    from setting_history
    where env = $1 and "user" = $2 and version <= $3
    order by kind, scope, version desc
) as h
where h.body <> ''
order by h.kind, h.scope
