select r.seq, r.event, r.workflow, r.step, r.channel, r.destination
from notification as n indexed by notification_by_user
cross join ready as r
    on r.env = n.env and r.event = n.event and r.workflow = n.workflow and r.user = n.user
where n.env = ? and n.user = ? and n.open > 0 and r.state = 0
