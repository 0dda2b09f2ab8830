-- Rows of (env, user, tenant, seq, place).
update item as i set place = j.place
from
    unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[]) as j(env, "user", tenant, seq, place)
where i.env = j.env and i."user" = j."user" and i.tenant = j.tenant and i.seq = j.seq
