insert into event_count (env, event, kind, open, held, sent, dead, skipped)
select env, event, kind, sum(open), sum(held), sum(sent), sum(dead), sum(skipped)
from event_delta
where id = any ($1::int8[])
group by env, event, kind
order by env, event, kind
on conflict (env, event, kind) do update set
    open = event_count.open + excluded.open,
    held = event_count.held + excluded.held,
    sent = event_count.sent + excluded.sent,
    dead = event_count.dead + excluded.dead,
    skipped = event_count.skipped + excluded.skipped
