-- Rows of (env, user, tenant, seq, seen_at, read_at, archived_at).
update item as i set
    seen_at = j.value ->> 4,
    read_at = j.value ->> 5,
    archived_at = j.value ->> 6,
    version = version + 1
from json_each(?) as j
where i.env = j.value ->> 0 and i.user = j.value ->> 1 and i.tenant = j.value ->> 2
    and i.seq = j.value ->> 3
