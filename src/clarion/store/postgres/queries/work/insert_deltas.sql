insert into event_delta (env, event, kind, open, held, sent, dead, skipped)
select j.env, decode(j.event, 'hex'), j.kind, j.open, j.held, j.sent, j.dead, j.skipped
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
        $8::int8[]
    ) as j(env, event, kind, open, held, sent, dead, skipped)
