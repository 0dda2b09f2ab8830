-- What was there before is the body of the same scope at the version before.
select h.version, h.at, h.kind, h.scope, h.body, h.source, (
    select p.body from setting_history as p
    where p.env = h.env and p.user = h.user and p.kind = h.kind and p.scope = h.scope
        and p.version < h.version
    order by p.version desc
    limit 1
)
from json_each(?1) as j
cross join setting_history as h on h.env = ?2 and h.user = ?3 and h.kind = j.value
where (?4 is null or h.scope = ?4) and (h.version, h.kind, h.scope) < (?5, ?6, ?7)
order by h.version desc, h.kind desc, h.scope desc
limit ?8
