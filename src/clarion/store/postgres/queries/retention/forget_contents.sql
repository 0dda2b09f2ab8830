-- Words of the channels that are not kept for the inbox.
delete from content as c
using (
    select k.event, k.workflow, k."user", k.step, k.locale from content as k
    left join event_workflow as w
        on w.env = k.env and w.event = k.event and w.workflow = k.workflow
    left join digest as g on g.env = k.env and g.digest = k.event
    join workflow_history as h
        on h.env = k.env and h.workflow = k.workflow and h.version = coalesce(w.version, g.version)
    where k.env = $1 and (k.event, k.workflow, k."user") >= ($2, $3, $4) and k.event <= $5
        and encode(k.event, 'hex') <> all($6::text[])
        and h.body::json #>> array['steps', k.step::text, 'channel']
            in ('push', 'email', 'sms', 'chat', 'webhook')
    order by k.event, k.workflow, k."user"
    limit $7
) as old
where c.env = $1 and c.event = old.event and c.workflow = old.workflow
    and c."user" = old."user" and c.step = old.step and c.locale = old.locale
returning c.event, c.workflow, c."user"
