-- Rows of (env, event, workflow, user): when the next of what a notification waits for is due, also in digests.
select event, workflow, user, min(due)
from (
    select w.event, w.workflow, w.user, w.due
    from json_each(?1) as j
    cross join waiting as w
        on w.env = j.value ->> 0 and w.event = unhex(j.value ->> 1) and w.workflow = j.value ->> 2
        and w.user = j.value ->> 3
    union all
    select e.event, w.workflow, w.user, w.due
    from json_each(?1) as j
    cross join digest_entry as e indexed by digest_entry_by_event
        on e.env = j.value ->> 0 and e.event = unhex(j.value ->> 1) and e.retracted_at is null
    cross join waiting as w
        on w.env = e.env and w.event = e.digest and w.workflow = j.value ->> 2
        and w.user = j.value ->> 3
)
group by event, workflow, user
