update ready
set state = 0, worker = 0, crashes = j.crashes, due = j.due, attempts = j.attempts,
    tried_before = j.tried_before
from (
    select value ->> 0 as seq, value ->> 1 as fence, value ->> 2 as due, value ->> 3 as attempts,
        value ->> 4 as tried_before, value ->> 5 as crashes
    from json_each(?)
) as j
where ready.seq = j.seq and ready.fence = j.fence and ready.state = 1
returning seq, fence
