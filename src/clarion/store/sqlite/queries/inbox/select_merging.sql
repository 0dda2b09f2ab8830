-- Rows of (env, user, tenant, seq).
select
    i.env, i.user, i.tenant, i.seq, i.seen_at, i.read_at, i.archived_at, i.counted, i.expires_at, i.place, i.updated_at,
    i.activities, i.actors, i.last_seen_at, i.last_read_at, i.snoozed_until
from json_each(?) as j
cross join item as i
    on i.env = j.value ->> 0 and i.user = j.value ->> 1 and i.tenant = j.value ->> 2
    and i.seq = j.value ->> 3
