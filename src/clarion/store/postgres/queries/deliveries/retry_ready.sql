update ready as r
set state = 0, worker = 0, crashes = j.crashes, due = j.due, attempts = j.attempts,
    tried_before = j.tried_before
from
    unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[])
        as j(seq, fence, due, attempts, tried_before, crashes)
where r.seq = j.seq and r.fence = j.fence and r.state = 1
returning r.seq, r.fence
