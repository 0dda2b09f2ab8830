select
    e.event, e.type, e.tenant, e.actor, e.about, e.silent, e.accepted_at, e.expires_at,
    w.workflow, w.version, w.category, w.category_version
from unnest($1::text[]) as j(event)
join event as e on e.env = $2 and e.event = decode(j.event, 'hex')
join event_workflow as w on w.env = e.env and w.event = e.event
