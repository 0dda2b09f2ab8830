-- Rows of (user, version). The bare columns are those of the row with the greatest version of its scope.
select user, asked, kind, scope, body
from (
    select h.user, j.value ->> 1 as asked, h.kind, h.scope, h.body, max(h.version)
    from json_each(?) as j
    cross join setting_history as h
        on h.env = ? and h.user = j.value ->> 0 and h.version <= j.value ->> 1
    group by h.user, asked, h.kind, h.scope
)
where body <> ''
order by user, asked, kind, scope
