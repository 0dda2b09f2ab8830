-- The first row of each line is behind nobody.
update ready
set behind = 0
where behind = 1 and seq in (
    select (
        select min(r.seq) from ready as r where r.env = j.value ->> 0 and r.line = j.value ->> 2
    )
    from json_each(?) as j
)
