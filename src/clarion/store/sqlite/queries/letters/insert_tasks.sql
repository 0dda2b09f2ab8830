-- Each task once more, for one user.
insert into task (env, event, workflow, lane, tenant, source, scope, lo, hi, cursor, excepted, due)
select
    t.env, t.event, t.workflow, t.lane, t.tenant, t.source, t.scope, j.value ->> 1, j.value ->> 1,
    (j.value ->> 1) - 1, t.excepted, ?2
from json_each(?1) as j
cross join task as t on t.task = j.value ->> 0
