-- Rows of these notifications that have an earlier one in their line are behind it.
update ready
set behind = 1
where seq in (
    select r.seq
    from json_each(?) as j
    cross join ready as r
        on r.env = j.value ->> 0
        and r.event = unhex(j.value ->> 1)
        and r.workflow = j.value ->> 2
        and r.user = j.value ->> 3
    where r.line is not null and r.behind = 0
        and r.seq > (select min(e.seq) from ready as e where e.env = r.env and e.line = r.line)
)
