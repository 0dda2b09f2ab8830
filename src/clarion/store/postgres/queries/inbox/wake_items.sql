-- Rows of (env, user, tenant, seq, number of the change and new place, now): back at the top, as new.
update item as i set
    snoozed_until = null,
    last_seen_at = coalesce(i.seen_at, i.last_seen_at),
    last_read_at = coalesce(i.read_at, i.last_read_at),
    seen_at = null,
    read_at = null,
    archived_at = null,
    place = j.change,
    change = j.change,
    updated_at = j.now,
    version = i.version + 1
from
    unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[])
        as j(env, "user", tenant, seq, change, now)
where i.env = j.env and i."user" = j."user" and i.tenant = j.tenant and i.seq = j.seq
