select
    b.seq, b.topic, b.tenant, b.event, b.workflow, b.step, b.lane, b.published_at, b.expires_at,
    b.defaults_version, b.excepted, b.cursor
from json_each(?1) as j
cross join broadcast as b on b.env = ?2 and b.seq = j.value
