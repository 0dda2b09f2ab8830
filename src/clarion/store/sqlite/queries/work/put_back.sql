update task
set state = 0, worker = 0, crashes = task.crashes - 1, due = j.value ->> 1
from json_each(?) as j
where task.task = j.value ->> 0
