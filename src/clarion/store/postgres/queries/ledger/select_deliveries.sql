-- `sending` (2) is kept in the ready row alone.
select
    d.step, d.channel, d.destination, case when r.state = 1 then 2 else d.status end, d.account,
    d.lane, d.attempts, d.created_at, d.updated_at, d.expires_at, d.provider_id, d.last_outcome,
    d.last_code, d.last_detail, d.last_ms, case when r.state = 0 then r.due end
from delivery as d
left join ready as r
    on r.env = d.env and r.event = d.event and r.workflow = d.workflow and r."user" = d."user"
    and r.step = d.step and r.channel = d.channel and r.destination = d.destination
where d.env = $1 and d.event = $2 and d.workflow = $3 and d."user" = $4
order by d.step, d.channel, d.destination
