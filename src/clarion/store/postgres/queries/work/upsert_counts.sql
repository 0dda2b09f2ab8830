insert into event_count as c (env, event, kind, open, held, sent, dead, skipped)
select j.env, decode(j.event, 'hex'), j.kind, j.open, j.held, j.sent, j.dead, j.skipped
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
        $8::int8[]
    ) as j(env, event, kind, open, held, sent, dead, skipped)
order by j.env, j.event collate "C", j.kind
on conflict (env, event, kind) do update set
    open = c.open + excluded.open,
    held = c.held + excluded.held,
    sent = c.sent + excluded.sent,
    dead = c.dead + excluded.dead,
    skipped = c.skipped + excluded.skipped
