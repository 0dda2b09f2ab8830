-- Rows of (env, user, tenant, seq, number of the change).
update item as i set
    counted = 0,
    change = j.value ->> 4,
    version = version + 1
from json_each(?) as j
where i.env = j.value ->> 0 and i.user = j.value ->> 1 and i.tenant = j.value ->> 2
    and i.seq = j.value ->> 3
