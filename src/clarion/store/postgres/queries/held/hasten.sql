-- What waits for these events is decided again now. Who holds a row is at work on it already.
update waiting as w set due = $3
from (
    select env, event, workflow, "user", step from waiting
    where env = $1 and kind = 1 and due > $3
        and event = any (array(select decode(v, 'hex') from unnest($2::text[]) as v))
    for no key update skip locked
) as c
where w.env = c.env and w.event = c.event and w.workflow = c.workflow and w."user" = c."user"
    and w.step = c.step
