-- Rows of (env, event, workflow, user): when the next of what a notification waits for is due, also in digests.
select event, workflow, "user", min(due)
from (
    select w.event, w.workflow, w."user", w.due
    from unnest($1::int8[], $2::text[], $3::int8[], $4::int8[]) as j(env, event, workflow, "user")
    join waiting as w
        on w.env = j.env and w.event = decode(j.event, 'hex') and w.workflow = j.workflow
        and w."user" = j."user"
    union all
    select e.event, w.workflow, w."user", w.due
    from unnest($1::int8[], $2::text[], $3::int8[], $4::int8[]) as j(env, event, workflow, "user")
    join digest_entry as e
        on e.env = j.env and e.event = decode(j.event, 'hex') and e.retracted_at is null
    join waiting as w
        on w.env = e.env and w.event = e.digest and w.workflow = j.workflow and w."user" = j."user"
) as waits
group by event, workflow, "user"
