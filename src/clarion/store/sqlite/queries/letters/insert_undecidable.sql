-- A delivery that nobody was asked for, given up from the start.
insert into delivery (
    env, event, workflow, user, step, channel, destination, status, account, lane, created_at,
    updated_at, last_code, last_detail
)
select
    value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, 0, 7, '',
    value ->> 6, value ->> 8, value ->> 8, 'undecidable', value ->> 9
from json_each(?)
where true
on conflict do nothing
