delete from content as c
using (
    select distinct event, workflow from notification where env = $1 and "user" = $2 and "user" > 0
) as n
where c.env = $1 and c."user" = $2 and c.event = n.event and c.workflow = n.workflow
