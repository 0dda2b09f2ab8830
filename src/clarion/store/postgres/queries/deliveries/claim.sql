-- Of rows that were in flight at a death (crashes > 0) a worker holds one at a time: should it die
-- again, no other of them dies with it for the second time.
with
suspect as materialized (
    select seq from ready
    where lane = $1 and account = $2 and state = 0 and due <= $5 and crashes > 0
        and not exists (select 1 from ready as r where r.state = 1 and r.crashes > 1 and r.worker = $3)
        and not exists (select 1 from task as t where t.state = 1 and t.crashes > 1 and t.worker = $3)
    order by due, seq
    limit least($4, 1)
    for no key update skip locked
),
fresh as materialized (
    select seq from ready
    where lane = $1 and account = $2 and state = 0 and due <= $5 and crashes = 0
    order by due, seq
    limit $4 - (select count(*) from suspect)
    for no key update skip locked
)
update ready
set state = 1, worker = $3, fence = fence + 1, crashes = crashes + 1
where seq = any (array(select seq from suspect union all select seq from fresh))
returning
    seq, fence, env, event, workflow, "user", step, channel, destination, attempts, crashes, tenant,
    account,
    '[' || coalesce(expires_at::text, 'null') || ',' || created_at || ','
        || coalesce(tried_before::text, 'null') || ']'
