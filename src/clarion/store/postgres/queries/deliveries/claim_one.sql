-- Due rows of one (environment, tenant), the oldest first.
update ready
set state = 1, worker = $3, fence = fence + 1, crashes = crashes + 1, suspect = (crashes > 0)::int
where seq = any (array(
    select seq from ready
    where lane = $1 and account = $2 and state = 0 and behind = 0 and env = $6 and tenant = $7
        and due <= $5
    order by due, seq
    limit $4
    for no key update skip locked
))
    and exists (select 1 from worker as w where w.worker = $3 and w.stopped_at is null)
returning
    seq, fence, env, event, workflow, "user", step, channel, destination, attempts, crashes, tenant,
    account, (line is not null)::int,
    '[' || coalesce(expires_at::text, 'null') || ',' || created_at || ','
        || coalesce(tried_before::text, 'null') || ',' || silent || ']'
