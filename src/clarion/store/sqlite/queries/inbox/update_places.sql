-- Rows of (env, user, tenant, seq, place).
update item as i set place = j.value ->> 4
from json_each(?) as j
where i.env = j.value ->> 0 and i.user = j.value ->> 1 and i.tenant = j.value ->> 2
    and i.seq = j.value ->> 3
