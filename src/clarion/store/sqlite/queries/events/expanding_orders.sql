-- Ordering keys with tasks that are not done.
select j.value ->> 0, j.value ->> 1
from json_each(?) as j
where exists (
    select 1 from task as t
    where t.env = j.value ->> 0 and t.ordering_key = j.value ->> 1 and t.state not in (2, 3)
)
