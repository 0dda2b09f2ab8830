update ready
set worker = $1, fence = fence + 1
where seq = any (array(
    select seq from ready where state = 1 and worker <> $1
    order by seq
    limit $2
    for update skip locked
))
returning
    seq, fence, env, event, workflow, "user", step, channel, destination, attempts, crashes, tenant,
    account,
    (
        select '[' || coalesce(d.expires_at::text, 'null') || ','
            || coalesce(ready.redriven_at, d.created_at) || ','
            || coalesce(ready.tried_before::text, 'null') || ']'
        from delivery as d
        where d.env = ready.env and d.event = ready.event and d.workflow = ready.workflow
            and d."user" = ready."user" and d.step = ready.step and d.channel = ready.channel
            and d.destination = ready.destination
    )
