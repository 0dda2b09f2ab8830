select
    l.event, l.workflow, l."user", l.step, l.channel, l.destination, l.cause, l.account, l.at,
    d.attempts, d.last_outcome, d.last_code, d.last_detail
from dead_letter as l
join delivery as d
    on d.env = l.env and d.event = l.event and d.workflow = l.workflow and d."user" = l."user"
    and d.step = l.step and d.channel = l.channel and d.destination = l.destination
where l.env = $1
    and ($2::text is null or l.cause = $2)
    and ($3::int8 is null or l.channel = $3)
    and ($4::int8 is null or l.at < $4)
order by l.at desc
limit $5
