-- The items that tell these events.
select distinct m.env, m.user, m.tenant, m.seq
from json_each(?2) as j
cross join item_member as m on m.env = ?1 and m.event = unhex(j.value) and m.retracted_at is null
