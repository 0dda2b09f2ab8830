-- Words of the channels that are not kept for the inbox.
delete from content
where env = ?1 and (event, workflow, user, step, locale) in (
    select c.event, c.workflow, c.user, c.step, c.locale from content as c
    left join event_workflow as w
        on w.env = c.env and w.event = c.event and w.workflow = c.workflow
    left join digest as g on g.env = c.env and g.digest = c.event
    left join workflow_history as h
        on h.env = c.env and h.workflow = c.workflow and h.version = coalesce(w.version, g.version)
    where c.env = ?1 and (c.event, c.workflow, c.user) >= (?2, ?3, ?4) and c.event <= ?5
        and c.event not in (select unhex(value) from json_each(?6))
        and json_extract(h.body, '$.steps[' || c.step || '].channel')
            in ('push', 'email', 'sms', 'chat', 'webhook')
    order by c.event, c.workflow, c.user
    limit ?7
)
returning event, workflow, user
