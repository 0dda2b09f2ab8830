update task as t
set state = 0, worker = 0, crashes = t.crashes - 1, due = j.due
from unnest($1::int8[], $2::int8[]) as j(task, due)
where t.task = j.task
