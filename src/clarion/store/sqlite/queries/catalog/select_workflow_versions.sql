select h.workflow, h.version, h.category, h.at, h.body, w.paused_at
from json_each(?) as j
cross join workflow_history as h
    on h.env = ? and h.workflow = j.value ->> 0 and h.version = j.value ->> 1
cross join workflow as w on w.env = h.env and w.workflow = h.workflow
