-- Rows of (env, user, tenant, seq): those that are there stay as they are.
select i.env, i."user", i.tenant, i.seq
from unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[]) as j(env, "user", tenant, seq)
join item as i
    on i.env = j.env and i."user" = j."user" and i.tenant = j.tenant and i.seq = j.seq
order by i.env, i."user", i.tenant, i.seq
for no key update of i
