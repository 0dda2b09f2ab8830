-- Rows of (user, instant): the version of the user's settings then.
select j.value ->> 0, j.value ->> 1, max(h.version)
from json_each(?1) as j
cross join setting_history as h
    on h.env = ?2 and h.user = j.value ->> 0 and h.at <= j.value ->> 1
group by 1, 2
