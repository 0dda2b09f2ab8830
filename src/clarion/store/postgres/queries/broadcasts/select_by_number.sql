select
    b.seq, b.topic, b.tenant, b.event, b.workflow, b.step, b.lane, b.published_at, b.expires_at,
    b.defaults_version, b.excepted, b.cursor
from unnest($1::int8[]) as j(seq)
join broadcast as b on b.env = $2 and b.seq = j.seq
