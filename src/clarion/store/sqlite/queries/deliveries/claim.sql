-- Of rows that were in flight at a death (crashes > 0) a worker holds one at a time: should it die
-- again, no other of them dies with it for the second time.
with
suspect as materialized (
    select seq from ready
    where lane = ?1 and account = ?2 and state = 0 and due <= ?5 and crashes > 0
        and not exists (select 1 from ready where state = 1 and crashes > 1 and worker = ?3)
        and not exists (select 1 from task where state = 1 and crashes > 1 and worker = ?3)
    order by due, seq
    limit min(?4, 1)
),
fresh as materialized (
    select seq from ready
    where lane = ?1 and account = ?2 and state = 0 and due <= ?5 and crashes = 0
    order by due, seq
    limit ?4 - (select count(*) from suspect)
)
update ready
set state = 1, worker = ?3, fence = fence + 1, crashes = crashes + 1
where seq in (select seq from suspect union all select seq from fresh)
returning
    seq, fence, env, event, workflow, user, step, channel, destination, attempts, crashes, tenant,
    account,
    (
        select json_array(
            d.expires_at, coalesce(ready.redriven_at, d.created_at), ready.tried_before
        )
        from delivery as d
        where d.env = ready.env and d.event = ready.event and d.workflow = ready.workflow
            and d.user = ready.user and d.step = ready.step and d.channel = ready.channel
            and d.destination = ready.destination
    )
