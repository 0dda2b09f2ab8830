delete from content as c
using (
    select event, workflow, "user", step, locale from content
    where env = $1 and (event, workflow, "user") >= ($2, $3, $4) and event <= $5
        and encode(event, 'hex') <> all($6::text[])
    order by event, workflow, "user"
    limit $7
) as old
where c.env = $1 and c.event = old.event and c.workflow = old.workflow
    and c."user" = old."user"
    and c.step = old.step and c.locale = old.locale
returning c.event, c.workflow, c."user"
