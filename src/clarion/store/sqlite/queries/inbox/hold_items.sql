-- Rows of (env, user, tenant, seq): those that are there.
select i.env, i.user, i.tenant, i.seq
from json_each(?1) as j
cross join item as i
    on i.env = j.value ->> 0 and i.user = j.value ->> 1 and i.tenant = j.value ->> 2
    and i.seq = j.value ->> 3
