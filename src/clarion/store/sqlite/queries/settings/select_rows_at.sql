-- Rows of (user, version): the settings of the user at it. The bare columns are those of the row with the greatest
-- version of its scope.
select asked, user, kind, scope, body
from (
    select j.value ->> 1 as asked, s.user, s.kind, s.scope, s.body, max(s.version)
    from json_each(?1) as j
    cross join setting_history as s
        on s.env = ?2 and s.user = j.value ->> 0 and s.version <= j.value ->> 1
    group by asked, s.user, s.kind, s.scope
)
where body <> ''
order by user, asked, kind, scope
