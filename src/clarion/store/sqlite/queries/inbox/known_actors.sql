-- Which of the rows (env, user, tenant, seq, actor) are of actors that the item tells already.
select j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3, j.value ->> 4
from json_each(?) as j
where (
    select 1 from item_member as m indexed by item_member_by_actor
    where m.env = j.value ->> 0 and m.user = j.value ->> 1 and m.tenant = j.value ->> 2
        and m.seq = j.value ->> 3 and m.actor = j.value ->> 4 and m.retracted_at is null
    limit 1
) = 1
