update notification as n set bucket = j.value ->> 2, open = j.value ->> 3
from json_each(?) as j
where n.env = ? and n.event = unhex(j.value ->> 0) and n.workflow = j.value ->> 1 and n.user = ?
