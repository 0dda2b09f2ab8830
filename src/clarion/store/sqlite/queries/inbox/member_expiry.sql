-- Rows of (env, user, tenant, seq): when the last of what each still tells expires, null for never.
select
    m.env, m.user, m.tenant, m.seq, iif(count(m.expires_at) < count(*), null, max(m.expires_at))
from json_each(?) as j
cross join item_member as m indexed by item_member_by_item
    on m.env = j.value ->> 0 and m.user = j.value ->> 1 and m.tenant = j.value ->> 2
    and m.seq = j.value ->> 3 and m.retracted_at is null
group by m.env, m.user, m.tenant, m.seq
