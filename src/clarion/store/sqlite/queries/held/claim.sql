-- Due rows of a lane, the longest overdue first; the claim raises fence and crash count.
update waiting
set state = 1, worker = ?2, fence = fence + 1, crashes = crashes + 1
where (env, event, workflow, user, step) in (
    select env, event, workflow, user, step from waiting
    where lane = ?1 and state = 0 and due <= ?4
    order by due
    limit ?3
)
    and exists (select 1 from worker as w where w.worker = ?2 and w.stopped_at is null)
returning
    env, event, workflow, user, step, n, first, last, kind, gates, lane, tenant, due, fence, crashes
