-- The bare columns are those of the row with the greatest version of its scope.
select user, kind, scope, body
from (
    select user, kind, scope, body, max(version)
    from setting_history
    where env = ?1 and user = 0 and kind in (2, 3) and version <= ?4
    group by kind, scope
    union all
    select user, kind, scope, body, max(version)
    from setting_history
    where env = ?1 and user = 0 and (kind, scope) in (values (7, 0), (6, ?2)) and version <= ?4
    group by kind, scope
    union all
    select s.user, s.kind, s.scope, s.body, max(s.version)
    from json_each(?3) as j
    cross join setting_history as s
        on s.env = ?1 and s.user = 0 and s.kind = 1 and s.scope = j.value and s.version <= ?4
    group by s.kind, s.scope
)
where body <> ''
order by kind, scope
