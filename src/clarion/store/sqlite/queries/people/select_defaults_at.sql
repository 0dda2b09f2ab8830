-- The bare columns are those of the row with the greatest version of its scope.
select user, kind, scope, body
from (
    select user, kind, scope, body, max(version)
    from setting_history
    where env = ?1 and user = 0 and version <= ?3 and (kind, scope) in (values (7, 0), (6, ?2))
    group by kind, scope
)
where body <> ''
order by kind, scope
