update ready as r
set state = 0, worker = 0, crashes = j.crashes, due = j.due, attempts = j.attempts
from
    unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[]) as j(seq, due, attempts, crashes)
where r.seq = j.seq
