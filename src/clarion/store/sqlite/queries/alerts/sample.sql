select l.event, l.workflow, l.user, coalesce(d.last_code, ''), coalesce(d.last_detail, '')
from dead_letter as l
left join delivery as d
    on d.env = l.env and d.event = l.event and d.workflow = l.workflow and d.user = l.user
    and d.step = l.step and d.channel = l.channel and d.destination = l.destination
where l.env = ?1 and l.account = ?2 and l.cause = ?3 and l.at >= ?4 and l.at < ?5
order by l.at desc
limit ?6
