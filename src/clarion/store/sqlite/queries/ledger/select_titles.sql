-- Rows of (env, event, workflow, user), user 0 for what is kept for all users of a locale: the beginnings of titles.
select c.event, c.workflow, c.user, c.step, c.locale,
    substr(coalesce(c.body ->> '$.title', c.body ->> '$.subject', c.body ->> '$.body'), 1, 400)
from json_each(?1) as j
cross join content as c
    on c.env = j.value ->> 0 and c.event = unhex(j.value ->> 1) and c.workflow = j.value ->> 2
    and c.user = j.value ->> 3
order by c.step, c.locale
