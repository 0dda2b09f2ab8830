-- Due rows of several (environment, tenant) in turns: the oldest of each, then the second of each; of none more
-- than ?7.
update ready
set state = 1, worker = ?3, fence = fence + 1, crashes = crashes + 1
where seq in (
    select seq from (
        select r.seq, r.due, row_number() over (partition by r.env, r.tenant order by r.due, r.seq) as turn
        from json_each(?6) as j
        cross join ready as r on r.seq in (
            select n.seq from ready as n
            where n.lane = ?1 and n.account = ?2 and n.state = 0 and n.behind = 0
                and n.env = j.value ->> 0 and n.tenant = j.value ->> 1 and n.due <= ?5
            order by n.due, n.seq
            limit ?7
        )
    )
    order by turn, due, seq
    limit ?4
)
    and exists (select 1 from worker as w where w.worker = ?3 and w.stopped_at is null)
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
