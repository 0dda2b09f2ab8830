-- Of what is shared by all users of a locale, the steps that this user's items and deliveries had.
select c.step, c.locale, c.body
from content as c
where c.env = $1 and c.event = $2 and c.workflow = $3 and c."user" in (0, $4)
    and (
        c."user" > 0
        or exists (
            select 1 from item as i
            where i.env = $1 and i.event = $2 and i.workflow = $3 and i."user" = $4
                and i.step = c.step and i.locale = c.locale
        )
        or exists (
            select 1 from delivery as d
            where d.env = $1 and d.event = $2 and d.workflow = $3 and d."user" = $4
                and d.step = c.step
        )
    )
order by c.step, c.locale, c."user"
