select account, phase, since, until, trips, step, cause, term, holder, paused_until, full_at
from account
order by account
