update notification
set bucket = j.value ->> 4, open = j.value ->> 5, sent = j.value ->> 6, dead = j.value ->> 7
from json_each(?) as j
where notification.env = j.value ->> 0
    and notification.event = unhex(j.value ->> 1)
    and notification.workflow = j.value ->> 2
    and notification.user = j.value ->> 3
