delete from item as i
using unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[]) as j(env, "user", tenant, seq)
where i.env = j.env and i."user" = j."user" and i.tenant = j.tenant and i.seq = j.seq
