select h."user", h.kind, h.scope, h.body
from (
    (
        select distinct on (kind, scope) "user", kind, scope, body
        from setting_history
        where env = $1 and "user" = 0 and kind in (2, 3) and version <= $4
        order by kind, scope, version desc
    )
    union all
    (
        select "user", kind, scope, body
        from setting_history
        where env = $1 and "user" = 0 and kind = 7 and scope = 0 and version <= $4
        order by version desc
        limit 1
    )
    union all
    (
        select "user", kind, scope, body
        from setting_history
        where env = $1 and "user" = 0 and kind = 6 and scope = $2 and version <= $4
        order by version desc
        limit 1
    )
    union all
    (
        select distinct on (s.scope) s."user", s.kind, s.scope, s.body
        from unnest($3::int8[]) as j(scope)
        join setting_history as s
            on s.env = $1 and s."user" = 0 and s.kind = 1 and s.scope = j.scope and s.version <= $4
        order by s.scope, s.version desc
    )
) as h
where h.body <> ''
order by h.kind, h.scope
