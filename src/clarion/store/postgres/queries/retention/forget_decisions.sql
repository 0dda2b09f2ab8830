delete from decision as d
using (
    select event, workflow, "user", step, n from decision
    where env = $1 and (event, workflow, "user") >= ($2, $3, $4) and event <= $5
        and encode(event, 'hex') <> all($6::text[])
    order by event, workflow, "user"
    limit $7
) as old
where d.env = $1 and d.event = old.event and d.workflow = old.workflow
    and d."user" = old."user"
    and d.step = old.step and d.n = old.n
returning d.event, d.workflow, d."user"
