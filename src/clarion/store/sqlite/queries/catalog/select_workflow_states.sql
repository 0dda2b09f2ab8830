select w.workflow, w.version, iif(w.deleted_at is null, h.body, '')
from json_each(?) as j
cross join workflow as w on w.env = ? and w.workflow = j.value
cross join workflow_history as h
    on h.env = w.env and h.workflow = w.workflow and h.version = w.version
