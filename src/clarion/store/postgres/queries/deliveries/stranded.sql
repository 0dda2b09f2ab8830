update ready
set fence = fence + 1
where seq = any (array(
    select seq from ready
    where state = 1 and worker = any ($1::int8[]) and worker <> $2
    order by seq
    limit $3
    for no key update skip locked
))
returning
    seq, fence, env, event, workflow, "user", step, channel, destination, attempts, crashes, tenant,
    account, (line is not null)::int,
    '[' || coalesce(expires_at::text, 'null') || ',' || created_at || ','
        || coalesce(tried_before::text, 'null') || ']'
