insert into event_delta (env, event, kind, open, held, sent, dead, skipped)
select
    value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
    value ->> 7
from json_each(?)
