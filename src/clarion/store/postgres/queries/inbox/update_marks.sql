-- Rows of (env, user, tenant, seq, seen_at, read_at, archived_at, counted, snoozed_until, interacted_at, chosen,
-- number of the change).
update item as i set
    seen_at = j.seen_at,
    read_at = j.read_at,
    archived_at = j.archived_at,
    snoozed_until = j.snoozed_until,
    interacted_at = j.interacted_at,
    chosen = j.chosen,
    change = j.change,
    version = i.version + 1
from
    unnest(
        $1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
        $8::int8[], $9::int8[], $10::int8[], $11::int8[], $12::int8[]
    ) as j(
        env, "user", tenant, seq, seen_at, read_at, archived_at, counted, snoozed_until,
        interacted_at, chosen, change
    )
where i.env = j.env and i."user" = j."user" and i.tenant = j.tenant and i.seq = j.seq
