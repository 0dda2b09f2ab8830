delete from ready
where seq in (
    select r.seq from json_each(?) as j
    cross join ready as r on r.seq = j.value ->> 0 and r.fence = j.value ->> 1 and r.state = 1
)
returning seq, fence
