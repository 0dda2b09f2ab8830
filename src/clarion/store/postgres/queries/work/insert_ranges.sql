-- Parts of a task like itself: lo, hi, whether to cut on.
insert into task (
    env, event, workflow, lane, tenant, source, scope, lo, hi, cursor, excepted, due, behind,
    ordering_key, ordering_no, cut
)
select
    t.env, t.event, t.workflow, t.lane, t.tenant, t.source, t.scope, j.lo, j.hi, j.lo - 1,
    t.excepted, t.due, t.behind, t.ordering_key, t.ordering_no, j.cut
from task as t
cross join unnest($2::int8[], $3::int8[], $4::int8[]) as j(lo, hi, cut)
where t.task = $1
order by j.lo
