-- Takes the events back from the items: rows of (env, user, tenant, seq).
update item_member as m set retracted_at = $7
from unnest($3::int8[], $4::int8[], $5::int8[], $6::int8[]) as j(env, "user", tenant, seq)
where m.env = $1 and m.event = any (array(select decode(v, 'hex') from unnest($2::text[]) as v))
    and m.retracted_at is null and m.env = j.env and m."user" = j."user" and m.tenant = j.tenant
    and m.seq = j.seq
returning m.env, m."user", m.tenant, m.seq, m.actor
