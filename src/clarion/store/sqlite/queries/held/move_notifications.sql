-- Rows of (env, event, workflow, user, changes of open, waiting, sent, dead).
update notification as n
set
    open = open + (j.value ->> 4), waiting = waiting + (j.value ->> 5),
    sent = sent + (j.value ->> 6), dead = dead + (j.value ->> 7),
    bucket = case
        when open + (j.value ->> 4) > 0 then 1
        when waiting + (j.value ->> 5) > 0 then 2
        when sent + (j.value ->> 6) > 0 then 3
        when dead + (j.value ->> 7) > 0 then 4
        else 5
    end
from json_each(?) as j
where n.env = j.value ->> 0
    and n.event = unhex(j.value ->> 1)
    and n.workflow = j.value ->> 2
    and n.user = j.value ->> 3
returning env, event, workflow, user, bucket, open, waiting, sent, dead
