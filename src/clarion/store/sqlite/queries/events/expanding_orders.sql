-- Ordering keys with tasks that are not done.
select distinct t.env, t.ordering_key
from json_each(?) as j
cross join task as t
    on t.env = j.value ->> 0 and t.ordering_key = j.value ->> 1 and t.state not in (2, 3)
