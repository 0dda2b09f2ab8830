insert into account_report (account, worker, in_flight, limit_now, outcomes, errors, at)
select j.account, j.worker, j.in_flight, j.limit_now, j.outcomes, j.errors, j.at
from unnest($1::text[], $2::int8[], $3::int8[], $4::int8[], $5::text[], $6::text[], $7::int8[])
    as j(account, worker, in_flight, limit_now, outcomes, errors, at)
on conflict (account, worker) do update set
    in_flight = excluded.in_flight, limit_now = excluded.limit_now, outcomes = excluded.outcomes,
    errors = excluded.errors, at = excluded.at
