-- Live destinations whose address is suppressed.
select d.user, d.destination
from json_each(?) as j
cross join destination as d indexed by destination_by_user
    on d.env = ? and d.user = j.value and d.disabled_at is null
where d.suppression is not null
