-- Rows stay with the dead until they are finished, so that a rescue that breaks off finds them again. One that
-- a transaction holds is waited for: passed over, it would be left behind.
update ready
set fence = fence + 1
where seq = any (array(
    select seq from ready
    where state = 1 and worker = any ($1::int8[])
    order by seq
    limit $2
    for no key update
))
returning
    seq, fence, env, event, workflow, "user", step, channel, destination, attempts, crashes, tenant,
    account, (line is not null)::int,
    '[' || coalesce(expires_at::text, 'null') || ',' || created_at || ','
        || coalesce(tried_before::text, 'null') || ',' || silent || ']'
