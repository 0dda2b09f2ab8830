-- How the notifications of some events stand, by event.
select c.event, sum(c.open), sum(c.held), sum(c.sent), sum(c.dead), sum(c.skipped)
from (
    select k.event, k.open, k.held, k.sent, k.dead, k.skipped
    from json_each(?2) as j
    cross join event_count as k on k.env = ?1 and k.event = unhex(j.value) and k.kind = 0
    union all
    select d.event, d.open, d.held, d.sent, d.dead, d.skipped
    from json_each(?2) as j
    cross join event_delta as d on d.env = ?1 and d.event = unhex(j.value) and d.kind = 0
) as c
group by c.event
