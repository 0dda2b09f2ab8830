insert into broadcast (
    env, seq, topic, tenant, event, workflow, step, lane, published_at, expires_at, defaults_version, excepted
)
select
    value ->> 0, value ->> 1, value ->> 2, value ->> 3, unhex(value ->> 4), value ->> 5, value ->> 6,
    value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11
from json_each(?)
