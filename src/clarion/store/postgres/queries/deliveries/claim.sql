-- Due rows of several (environment, tenant) in turns: the oldest of each, then the second of each; of none more
-- than $8.
update ready
set state = 1, worker = $3, fence = fence + 1, crashes = crashes + 1, suspect = (crashes > 0)::int
where seq = any (array(
    select c.seq
    from (
        select n.seq, n.due, row_number() over (partition by j.env, j.tenant order by n.due, n.seq) as turn
        from unnest($6::int8[], $7::int8[]) as j(env, tenant)
        cross join lateral (
            select r.seq, r.due from ready as r
            where r.lane = $1 and r.account = $2 and r.state = 0 and r.behind = 0
                and r.env = j.env and r.tenant = j.tenant and r.due <= $5
            order by r.due, r.seq
            limit $8
            for no key update skip locked
        ) as n
    ) as c
    order by c.turn, c.due, c.seq
    limit $4
))
    and exists (select 1 from worker as w where w.worker = $3 and w.stopped_at is null)
returning
    seq, fence, env, event, workflow, "user", step, channel, destination, attempts, crashes, tenant,
    account, (line is not null)::int,
    '[' || coalesce(expires_at::text, 'null') || ',' || created_at || ','
        || coalesce(tried_before::text, 'null') || ',' || silent || ']'
