-- What waits in a lane and a state, counted up to a limit, and the first of it that is due.
select count(*), min(w.due)
from (select due from waiting where lane = $1 and state = $2 order by due limit $3) as w
