select r.seq, r.workflow, r."user", r.step, r.channel, r.destination, r.event
from unnest($2::text[]) as j(event)
join ready as r on r.env = $1 and r.event = decode(j.event, 'hex') and r.state = 0
order by r.seq
for update of r
