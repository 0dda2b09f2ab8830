insert into account_report (account, worker, in_flight, limit_now, outcomes, errors, at)
select
    j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3, j.value ->> 4, j.value ->> 5,
    j.value ->> 6
from json_each(?) as j
where true
on conflict (account, worker) do update set
    in_flight = excluded.in_flight, limit_now = excluded.limit_now, outcomes = excluded.outcomes,
    errors = excluded.errors, at = excluded.at
