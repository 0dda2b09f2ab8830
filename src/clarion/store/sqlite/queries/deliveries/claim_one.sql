-- Due rows of one (environment, tenant), the oldest first.
update ready
set state = 1, worker = ?3, fence = fence + 1, crashes = crashes + 1
where seq in (
    select seq from ready
    where lane = ?1 and account = ?2 and state = 0 and behind = 0 and env = ?6 and tenant = ?7
        and due <= ?5
    order by due, seq
    limit ?4
)
    and exists (select 1 from worker as w where w.worker = ?3 and w.stopped_at is null)
returning
    seq, fence, env, event, workflow, user, step, channel, destination, attempts, crashes, tenant,
    account, line is not null,
    (
        select json_array(
            d.expires_at, coalesce(ready.redriven_at, d.created_at), ready.tried_before,
            ready.silent
        )
        from delivery as d
        where d.env = ready.env and d.event = ready.event and d.workflow = ready.workflow
            and d.user = ready.user and d.step = ready.step and d.channel = ready.channel
            and d.destination = ready.destination
    )
