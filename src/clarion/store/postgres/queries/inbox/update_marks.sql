-- Rows of (env, user, tenant, seq, seen_at, read_at, archived_at).
update item as i set
    seen_at = j.seen_at,
    read_at = j.read_at,
    archived_at = j.archived_at,
    version = i.version + 1
from
    unnest(
        $1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[]
    ) as j(env, "user", tenant, seq, seen_at, read_at, archived_at)
where i.env = j.env and i."user" = j."user" and i.tenant = j.tenant and i.seq = j.seq
