-- The place of the counter in what was asked, and its log.
select j.key, c.log
from json_each(?1) as j
cross join cap as c
    on c.env = j.value ->> 0 and c.user = j.value ->> 1 and c.scope = j.value ->> 2
    and c.number = j.value ->> 3 and c.tenant = j.value ->> 4 and c.channel = j.value ->> 5
    and c.key = j.value ->> 6
