-- Rows of (seq, event, workflow, step, channel, destination); 8 is canceled.
update delivery as d set status = 8, updated_at = ?
from json_each(?) as j
where d.env = ? and d.event = unhex(j.value ->> 1) and d.workflow = j.value ->> 2 and d.user = ?
    and d.step = j.value ->> 3 and d.channel = j.value ->> 4 and d.destination = j.value ->> 5
