select r.seq, r.workflow, r.user, r.step, r.channel, r.destination, r.event
from json_each(?2) as j
cross join ready as r on r.env = ?1 and r.event = unhex(j.value) and r.state = 0
