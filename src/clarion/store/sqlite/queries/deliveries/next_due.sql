-- ?4: the soonest for a row that was in flight at a death, while the worker holds another such one.
select min(case
    when crashes > 0 and (
        exists (select 1 from ready where state = 1 and crashes > 1 and worker = ?3)
        or exists (select 1 from task where state = 1 and crashes > 1 and worker = ?3)
    ) then max(due, ?4)
    else due
end)
from ready
where lane = ?1 and account = ?2 and state = 0
