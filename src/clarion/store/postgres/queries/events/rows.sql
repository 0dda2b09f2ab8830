select
    e.event, e.type, e.tenant, e.actor, e.about, e.silent, e.accepted_at, e.expires_at, e.correlation,
    e.cancellation, e.ordering_key, e.cancelled_at, e.expanding, e.mentions, e.audience,
    coalesce(p.data, '{}'),
    (
        select '{' || coalesce(
            string_agg(to_json(t.key)::text || ':' || to_json(t.value)::text, ',' order by t.key), ''
        ) || '}'
        from event_tag as t
        where t.env = e.env and t.event = e.event
    ),
    (
        select '[' || coalesce(string_agg(
            '[' || concat_ws(',', w.workflow, w.version, w.category, w.category_version, w.lane) || ']',
            ',' order by w.workflow
        ), '') || ']'
        from event_workflow as w where w.env = e.env and w.event = e.event
    ),
    case when p.event is null then 0 else 1 end,
    e.paused_at, e.trace
from unnest($2::text[]) as j(event)
join event as e on e.env = $1 and e.event = decode(j.event, 'hex')
left join event_payload as p on p.env = e.env and p.event = e.event
