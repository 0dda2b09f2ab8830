select
    c.kind, sum(c.open)::int8, sum(c.held)::int8, sum(c.sent)::int8, sum(c.dead)::int8,
    sum(c.skipped)::int8
from (
    select kind, open, held, sent, dead, skipped from event_count where env = $1 and event = $2
    union all
    select kind, open, held, sent, dead, skipped from event_delta where env = $1 and event = $2
) as c
group by c.kind
