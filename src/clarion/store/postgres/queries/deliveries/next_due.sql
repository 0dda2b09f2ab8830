-- $4: the soonest for a row that was in flight at a death, while the worker holds another such one.
select min(case
    when crashes > 0 and (
        exists (select 1 from ready as r where r.state = 1 and r.crashes > 1 and r.worker = $3)
        or exists (select 1 from task as t where t.state = 1 and t.crashes > 1 and t.worker = $3)
    ) then greatest(due, $4)
    else due
end)
from ready
where lane = $1 and account = $2 and state = 0
