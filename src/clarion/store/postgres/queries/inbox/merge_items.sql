-- Rows of (env, user, tenant, seq, seen_at, read_at, archived_at, counted, expires_at, place, updated_at, activities,
-- actors, last_seen_at, last_read_at, snoozed_until, number of the change, alert); the last is null to leave it as it
-- is.
update item as i set
    seen_at = j.seen_at,
    read_at = j.read_at,
    archived_at = j.archived_at,
    counted = j.counted,
    expires_at = j.expires_at,
    place = j.place,
    updated_at = j.updated_at,
    activities = j.activities,
    actors = j.actors,
    last_seen_at = j.last_seen_at,
    last_read_at = j.last_read_at,
    snoozed_until = j.snoozed_until,
    change = j.change,
    alert = coalesce(j.alert, i.alert),
    version = i.version + 1
from
    unnest(
        $1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
        $8::int8[], $9::int8[], $10::int8[], $11::int8[], $12::int8[], $13::int8[], $14::int8[],
        $15::int8[], $16::int8[], $17::int8[], $18::int8[]
    ) as j(
        env, "user", tenant, seq, seen_at, read_at, archived_at, counted, expires_at, place,
        updated_at, activities, actors, last_seen_at, last_read_at, snoozed_until,
        change, alert
    )
where i.env = j.env and i."user" = j."user" and i.tenant = j.tenant and i.seq = j.seq
