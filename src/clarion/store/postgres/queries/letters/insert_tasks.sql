-- Each task once more, for one user.
insert into task (env, event, workflow, lane, tenant, source, scope, lo, hi, cursor, excepted, due)
select
    t.env, t.event, t.workflow, t.lane, t.tenant, t.source, t.scope, j."user", j."user",
    j."user" - 1, t.excepted, $3
from unnest($1::int8[], $2::int8[]) as j(task, "user")
join task as t on t.task = j.task
