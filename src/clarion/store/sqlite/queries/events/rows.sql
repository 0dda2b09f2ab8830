select
    e.event, e.type, e.tenant, e.actor, e.about, e.silent, e.accepted_at, e.expires_at, e.correlation,
    e.cancellation, e.ordering_key, e.cancelled_at, e.expanding, e.mentions, e.audience,
    coalesce(p.data, '{}'),
    (
        select json_group_object(t.key, t.value) from event_tag as t
        where t.env = e.env and t.event = e.event
    ),
    (
        select json_group_array(
            json_array(w.workflow, w.version, w.category, w.category_version, w.lane)
        )
        from event_workflow as w where w.env = e.env and w.event = e.event
    ),
    case when p.event is null then 0 else 1 end,
    e.paused_at, e.trace
from json_each(?2) as j
cross join event as e on e.env = ?1 and e.event = unhex(j.value)
left join event_payload as p on p.env = e.env and p.event = e.event
