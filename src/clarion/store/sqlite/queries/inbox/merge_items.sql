-- Rows of (env, user, tenant, seq, seen_at, read_at, archived_at, counted, expires_at, place, updated_at, activities,
-- actors, last_seen_at, last_read_at, snoozed_until, number of the change, alert); the last is null to leave it as it
-- is.
update item as i set
    seen_at = j.value ->> 4,
    read_at = j.value ->> 5,
    archived_at = j.value ->> 6,
    counted = j.value ->> 7,
    expires_at = j.value ->> 8,
    place = j.value ->> 9,
    updated_at = j.value ->> 10,
    activities = j.value ->> 11,
    actors = j.value ->> 12,
    last_seen_at = j.value ->> 13,
    last_read_at = j.value ->> 14,
    snoozed_until = j.value ->> 15,
    change = j.value ->> 16,
    alert = coalesce(j.value ->> 17, alert),
    version = version + 1
from json_each(?) as j
where i.env = j.value ->> 0 and i.user = j.value ->> 1 and i.tenant = j.value ->> 2
    and i.seq = j.value ->> 3
