-- Rows of (user, version): the settings of the user at it.
select h.asked, h."user", h.kind, h.scope, h.body
from (
    select distinct on (j."user", j.version, s.kind, s.scope)
        j.version as asked, s."user", s.kind, s.scope, s.body
    from unnest($1::int8[], $2::int8[]) as j("user", version)
    join setting_history as s
        on s.env = $3 and s."user" = j."user" and s.version <= j.version
    order by j."user", j.version, s.kind, s.scope, s.version desc
) as h
where h.body <> ''
order by h."user", h.asked, h.kind, h.scope
