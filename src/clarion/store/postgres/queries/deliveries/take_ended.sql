delete from ready as r
using unnest($1::int8[], $2::int8[]) as j(seq, fence)
where r.seq = j.seq and r.fence = j.fence and r.state = 1
returning r.seq, r.fence
