select m.user, n.name
from json_each(?) as j
cross join tenant_member as m on m.env = ? and m.user = j.value and m.until is null
cross join name as n on n.env = m.env and n.kind = 3 and n.number = m.tenant
order by n.name
