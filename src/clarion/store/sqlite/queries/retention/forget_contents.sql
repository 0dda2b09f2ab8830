-- Words of the channels that are not kept for the inbox.
delete from content
where env = ?1 and (event, workflow, user, step, locale) in (
    select c.event, c.workflow, c.user, c.step, c.locale from content as c
    cross join event_workflow as w
        on w.env = c.env and w.event = c.event and w.workflow = c.workflow
    cross join workflow_history as h
        on h.env = w.env and h.workflow = w.workflow and h.version = w.version
    where c.env = ?1 and (c.event, c.workflow, c.user) >= (?2, ?3, ?4) and c.event <= ?5
        and c.event not in (select unhex(value) from json_each(?6))
        and json_extract(h.body, '$.steps[' || c.step || '].channel')
            in ('push', 'email', 'sms', 'chat', 'webhook')
    order by c.event, c.workflow, c.user
    limit ?7
)
returning event, workflow, user
