insert into alert (
    env, account, cause, since, until, kind, count, first_at, last_at, detail, sample, state, due
)
select
    value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
    value ->> 7, value ->> 8, value ->> 9, value ->> 10, 1, value ->> 11
from json_each(?)
where true
on conflict do nothing
