insert into event (
    env, event, type, tenant, actor, about, silent, accepted_at, expires_at, correlation, cancellation,
    ordering_key, expanding, mentions, audience, lanes, ordering_no, trace
)
select
    value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
    value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13,
    value ->> 14, value ->> 15, value ->> 16, value ->> 17
from json_each(?)
