-- By workflow, with the number of those who are decided.
select
    b.workflow, b.topic, b.published_at, b.cursor, b.excepted, b.erased,
    (
        select count(*) from notification as n
        where n.env = b.env and n.event = b.event and n.workflow = b.workflow
    )
from broadcast as b
where b.env = $1 and b.event = $2
order by b.workflow
