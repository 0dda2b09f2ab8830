select r.seq, r.fence
from unnest($1::int8[], $2::int8[]) as j(seq, fence)
join ready as r on r.seq = j.seq and r.fence = j.fence and r.state = 1
order by r.seq
for update of r
