update ready
set state = 1, worker = $3, fence = fence + 1, crashes = crashes + 1
where seq = any (array(
    select seq from ready
    where lane = $1 and account = $2 and state = 0 and due <= $5
    order by due, seq
    limit $4
    for update skip locked
))
returning
    seq, fence, env, event, workflow, "user", step, channel, destination, attempts, crashes, tenant,
    account,
    (
        select '[' || coalesce(d.expires_at::text, 'null') || ',' || d.created_at || ']'
        from delivery as d
        where d.env = ready.env and d.event = ready.event and d.workflow = ready.workflow
            and d."user" = ready."user" and d.step = ready.step and d.channel = ready.channel
            and d.destination = ready.destination
    )
