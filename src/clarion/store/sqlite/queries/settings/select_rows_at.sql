-- The bare columns are those of the row with the greatest version of its scope.
select user, kind, scope, body
from (
    select user, kind, scope, body, max(version)
    from setting_history
    where env = ? and user = ? and version <= ?
    group by kind, scope
)
where body <> ''
order by kind, scope
