-- What waits in a lane and a state, counted up to a limit, and the first of it that is due.
select count(*), min(due)
from (select due from waiting where lane = ? and state = ? order by due limit ?)
