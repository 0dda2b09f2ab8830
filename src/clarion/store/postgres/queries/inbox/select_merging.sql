-- Rows of (env, user, tenant, seq).
select
    i.env, i."user", i.tenant, i.seq, i.seen_at, i.read_at, i.archived_at, i.counted, i.expires_at, i.place, i.updated_at,
    i.activities, i.actors, i.last_seen_at, i.last_read_at, i.snoozed_until
from unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[]) as j(env, "user", tenant, seq)
join item as i on i.env = j.env and i."user" = j."user" and i.tenant = j.tenant and i.seq = j.seq
order by i.env, i."user", i.tenant, i.seq
for no key update of i
