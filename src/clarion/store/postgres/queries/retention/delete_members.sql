delete from item_member as m
using unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[]) as j(env, "user", tenant, seq)
where m.env = j.env and m."user" = j."user" and m.tenant = j.tenant and m.seq = j.seq
