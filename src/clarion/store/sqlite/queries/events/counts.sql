select kind, sum(open), sum(held), sum(sent), sum(dead), sum(skipped)
from (
    select kind, open, held, sent, dead, skipped from event_count where env = ?1 and event = ?2
    union all
    select kind, open, held, sent, dead, skipped from event_delta where env = ?1 and event = ?2
)
group by kind
