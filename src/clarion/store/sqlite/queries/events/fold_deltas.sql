insert into event_count (env, event, kind, open, held, sent, dead, skipped)
select env, event, kind, sum(open), sum(held), sum(sent), sum(dead), sum(skipped)
from event_delta
where id in (select value from json_each(?))
group by env, event, kind
on conflict (env, event, kind) do update set
    open = open + excluded.open,
    held = held + excluded.held,
    sent = sent + excluded.sent,
    dead = dead + excluded.dead,
    skipped = skipped + excluded.skipped
