select
    e.event, e.type, e.tenant, e.actor, e.about, e.silent, e.accepted_at, e.expires_at,
    w.workflow, w.version, w.category, w.category_version
from json_each(?) as j
cross join event as e on e.env = ? and e.event = unhex(j.value)
cross join event_workflow as w on w.env = e.env and w.event = e.event
