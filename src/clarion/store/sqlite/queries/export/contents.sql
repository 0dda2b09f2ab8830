-- Of what is shared by all users of a locale, the steps that this user's items and deliveries had.
select c.event, c.workflow, c.step, c.locale, c.body
from json_each(?3) as j
cross join content as c
    on c.env = ?1 and c.event = unhex(j.value ->> 0) and c.workflow = j.value ->> 1
    and c.user in (0, ?2)
where c.user > 0
    or exists (
        select 1 from item as i
        where i.env = ?1 and i.event = c.event and i.workflow = c.workflow and i.user = ?2
            and i.step = c.step and i.locale = c.locale
    )
    or exists (
        select 1 from delivery as d
        where d.env = ?1 and d.event = c.event and d.workflow = c.workflow and d.user = ?2
            and d.step = c.step
    )
order by c.step, c.locale, c.user
