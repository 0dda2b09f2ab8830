update ready
set state = 0, worker = 0, crashes = j.crashes, due = j.due, attempts = j.attempts
from (
    select value ->> 0 as seq, value ->> 1 as due, value ->> 2 as attempts,
        value ->> 3 as crashes
    from json_each(?)
) as j
where ready.seq = j.seq
