-- How the notifications of some events stand, by event.
select
    c.event, sum(c.open)::int8, sum(c.held)::int8, sum(c.sent)::int8, sum(c.dead)::int8,
    sum(c.skipped)::int8
from (
    select k.event, k.open, k.held, k.sent, k.dead, k.skipped
    from unnest($2::text[]) as j(event)
    join event_count as k on k.env = $1 and k.event = decode(j.event, 'hex') and k.kind = 0
    union all
    select d.event, d.open, d.held, d.sent, d.dead, d.skipped
    from unnest($2::text[]) as j(event)
    join event_delta as d on d.env = $1 and d.event = decode(j.event, 'hex') and d.kind = 0
) as c
group by c.event
