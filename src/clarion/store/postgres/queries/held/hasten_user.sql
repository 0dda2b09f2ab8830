-- What waits for a user is decided again now. Who holds a row is at work on it already.
update waiting as w set due = $3
from (
    select env, event, workflow, "user", step from waiting
    where env = $1 and "user" = $2 and due > $3
    for no key update skip locked
) as c
where w.env = c.env and w.event = c.event and w.workflow = c.workflow and w."user" = c."user"
    and w.step = c.step
