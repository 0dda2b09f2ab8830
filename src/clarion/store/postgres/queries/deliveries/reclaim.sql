update ready
set fence = fence + 1
where seq = any (array(
    select seq from ready
    where lane = $1 and account = $2 and state = 1 and worker = $3 and seq <> all ($4::int8[])
    order by seq
    limit $5
    for no key update
))
returning
    seq, fence, env, event, workflow, "user", step, channel, destination, attempts, crashes, tenant,
    account, (line is not null)::int,
    '[' || coalesce(expires_at::text, 'null') || ',' || created_at || ','
        || coalesce(tried_before::text, 'null') || ',' || silent || ']'
