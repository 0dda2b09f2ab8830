delete from attempt as a
using (
    select event, workflow, "user", step, channel, destination, n from attempt
    where env = $1 and (event, workflow, "user") >= ($2, $3, $4) and event <= $5
        and encode(event, 'hex') <> all($6::text[])
    order by event, workflow, "user"
    limit $7
) as old
where a.env = $1 and a.event = old.event and a.workflow = old.workflow
    and a."user" = old."user"
    and a.step = old.step and a.channel = old.channel and a.destination = old.destination and a.n = old.n
returning a.event, a.workflow, a."user"
