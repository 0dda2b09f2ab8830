select hex(n.event), n.workflow, n.bucket, n.open, n.waiting, n.sent, n.dead
from json_each(?) as j
cross join notification as n
    on n.env = ? and n.event = unhex(j.value ->> 0) and n.workflow = j.value ->> 1 and n.user = ?
