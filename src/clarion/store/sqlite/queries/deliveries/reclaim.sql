update ready
set fence = fence + 1
where seq in (
    select seq from ready
    where lane = ?1 and account = ?2 and state = 1 and worker = ?3
        and seq not in (select value from json_each(?4))
    order by seq
    limit ?5
)
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
