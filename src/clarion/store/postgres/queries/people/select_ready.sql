select r.seq, r.event, r.workflow, r.step, r.channel, r.destination
from notification as n
join ready as r
    on r.env = n.env and r.event = n.event and r.workflow = n.workflow and r."user" = n."user"
where n.env = $1 and n."user" = $2 and n."user" > 0 and n.open > 0 and r.state = 0
order by r.seq
for update of r
