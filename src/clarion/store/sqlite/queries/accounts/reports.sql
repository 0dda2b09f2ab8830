select account, worker, in_flight, limit_now, outcomes, errors, at
from account_report
where at >= ?
order by account, worker
