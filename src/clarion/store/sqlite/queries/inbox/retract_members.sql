-- Takes the events back from the items: rows of (env, user, tenant, seq).
update item_member as m set retracted_at = ?4
from json_each(?3) as j
where m.env = ?1 and m.event in (select unhex(value) from json_each(?2)) and m.retracted_at is null
    and m.user = j.value ->> 1 and m.tenant = j.value ->> 2 and m.seq = j.value ->> 3
returning env, user, tenant, seq, actor
