update ready
set state = 0, worker = 0, crashes = ready.crashes - 1, due = j.value ->> 1
from json_each(?) as j
where ready.seq = j.value ->> 0
