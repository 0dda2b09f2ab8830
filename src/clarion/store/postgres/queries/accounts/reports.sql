select account, worker, in_flight, limit_now, outcomes, errors, at
from account_report
where at >= $1
order by account, worker
