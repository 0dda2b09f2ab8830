-- Rows of (env, user, tenant, seq): when the last of what each still tells expires, null for never.
select
    m.env, m."user", m.tenant, m.seq,
    case when count(m.expires_at) = count(*) then max(m.expires_at) end
from unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[]) as j(env, "user", tenant, seq)
join item_member as m
    on m.env = j.env and m."user" = j."user" and m.tenant = j.tenant and m.seq = j.seq
    and m.retracted_at is null
group by m.env, m."user", m.tenant, m.seq
