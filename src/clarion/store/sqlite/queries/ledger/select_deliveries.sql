-- `sending` (2) is kept in the ready row alone.
select
    d.step, d.channel, d.destination, iif(r.state = 1, 2, d.status), d.account, d.lane, d.attempts,
    d.created_at, d.updated_at, d.expires_at, d.provider_id, d.last_outcome, d.last_code, d.last_detail,
    d.last_ms, iif(r.state = 0, r.due, null)
from delivery as d
left join ready as r
    on r.env = d.env and r.event = d.event and r.workflow = d.workflow and r.user = d.user
    and r.step = d.step and r.channel = d.channel and r.destination = d.destination
where d.env = ? and d.event = ? and d.workflow = ? and d.user = ?
order by d.step, d.channel, d.destination
