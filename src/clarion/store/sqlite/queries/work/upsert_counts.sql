insert into event_count (env, event, kind, open, held, sent, dead, skipped)
select
    value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
    value ->> 7
from json_each(?)
where true
on conflict (env, event, kind) do update set
    open = open + excluded.open,
    held = held + excluded.held,
    sent = sent + excluded.sent,
    dead = dead + excluded.dead,
    skipped = skipped + excluded.skipped
