-- Rows of (env, user, tenant, seq, place, number of the change; null for an item that is new).
update item as i set
    place = j.value ->> 4,
    change = coalesce(j.value ->> 5, change),
    version = version + (j.value ->> 5 is not null)
from json_each(?) as j
where i.env = j.value ->> 0 and i.user = j.value ->> 1 and i.tenant = j.value ->> 2
    and i.seq = j.value ->> 3
