-- Parts of a task like itself: lo, hi, whether to cut on.
insert into task (
    env, event, workflow, lane, tenant, source, scope, lo, hi, cursor, excepted, due, behind,
    ordering_key, ordering_no, cut
)
select
    t.env, t.event, t.workflow, t.lane, t.tenant, t.source, t.scope, j.value ->> 0, j.value ->> 1,
    (j.value ->> 0) - 1, t.excepted, t.due, t.behind, t.ordering_key, t.ordering_no, j.value ->> 2
from task as t
cross join json_each(?2) as j
where t.task = ?1
