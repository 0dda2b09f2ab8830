-- Rows of (env, user, tenant, seq, seen_at, read_at, archived_at, counted, snoozed_until, interacted_at, chosen,
-- number of the change).
update item as i set
    seen_at = j.value ->> 4,
    read_at = j.value ->> 5,
    archived_at = j.value ->> 6,
    snoozed_until = j.value ->> 8,
    interacted_at = j.value ->> 9,
    chosen = j.value ->> 10,
    change = j.value ->> 11,
    version = version + 1
from json_each(?) as j
where i.env = j.value ->> 0 and i.user = j.value ->> 1 and i.tenant = j.value ->> 2
    and i.seq = j.value ->> 3
