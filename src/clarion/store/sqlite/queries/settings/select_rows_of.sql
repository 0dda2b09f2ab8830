select s.user, s.kind, s.scope, s.body
from json_each(?) as j
cross join setting as s on s.env = ? and s.user = j.value
order by s.user, s.kind, s.scope
