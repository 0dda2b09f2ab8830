-- The items that tell these events.
select distinct m.env, m."user", m.tenant, m.seq
from item_member as m
where m.env = $1 and m.retracted_at is null
    and m.event = any (array(select decode(v, 'hex') from unnest($2::text[]) as v))
