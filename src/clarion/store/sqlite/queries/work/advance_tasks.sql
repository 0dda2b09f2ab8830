-- The first unfinished event of an ordering key is behind nobody.
update task
set behind = 0
where behind = 1 and env = ?1 and ordering_key = ?2 and state not in (2, 3)
    and ordering_no = (
        select min(t.ordering_no) from task as t
        where t.env = ?1 and t.ordering_key = ?2 and t.state not in (2, 3)
    )
