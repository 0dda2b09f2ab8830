insert into event_delta (env, event, kind, open, held, sent, dead, skipped)
select
    ?, unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
from json_each(?)
