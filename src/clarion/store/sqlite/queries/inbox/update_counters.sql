-- Rows of (env, user, tenant, change of total, of unread, of unseen), one for each inbox.
update inbox_counter as c set
    total = total + (j.value ->> 3),
    unread = unread + (j.value ->> 4),
    unseen = unseen + (j.value ->> 5)
from json_each(?) as j
where c.env = j.value ->> 0 and c.user = j.value ->> 1 and c.tenant = j.value ->> 2
