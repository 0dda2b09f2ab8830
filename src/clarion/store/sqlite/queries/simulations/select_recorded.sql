select n.user, n.event, n.workflow, n.tenant, n.decided
from json_each(?) as j
cross join notification as n indexed by notification_by_user
    on n.env = ? and n.user = j.value and n.event >= ? and n.event < ?
order by n.user, n.event, n.workflow
limit ?
