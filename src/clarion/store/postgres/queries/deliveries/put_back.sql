update ready as r
set state = 0, worker = 0, crashes = r.crashes - 1, due = j.due
from unnest($1::int8[], $2::int8[]) as j(seq, due)
where r.seq = j.seq
