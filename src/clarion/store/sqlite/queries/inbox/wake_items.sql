-- Rows of (env, user, tenant, seq, number of the change and new place, now): back at the top, as new.
update item as i set
    snoozed_until = null,
    last_seen_at = coalesce(seen_at, last_seen_at),
    last_read_at = coalesce(read_at, last_read_at),
    seen_at = null,
    read_at = null,
    archived_at = null,
    place = j.value ->> 4,
    change = j.value ->> 4,
    updated_at = j.value ->> 5,
    version = version + 1
from json_each(?) as j
where i.env = j.value ->> 0 and i.user = j.value ->> 1 and i.tenant = j.value ->> 2
    and i.seq = j.value ->> 3
