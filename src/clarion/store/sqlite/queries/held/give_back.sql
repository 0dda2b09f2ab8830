-- Rows of (env, event, workflow, user, step, fence, due, crashes that do not count, state).
update waiting as w
set
    state = j.value ->> 8, worker = 0, crashes = max(crashes - (j.value ->> 7), 0),
    due = j.value ->> 6
from json_each(?) as j
where w.env = j.value ->> 0 and w.event = unhex(j.value ->> 1) and w.workflow = j.value ->> 2
    and w.user = j.value ->> 3 and w.step = j.value ->> 4 and w.fence = j.value ->> 5 and w.state = 1
