-- Whether somebody among these numbers has such a notification.
select 1
from json_each(?) as j
cross join notification as n
    on n.env = j.value ->> 0
    and n.event = unhex(j.value ->> 1)
    and n.workflow = j.value ->> 2
    and n.user >= j.value ->> 3
    and n.user <= j.value ->> 4
limit 1
