-- The same by way of the user's topics, where many are new.
select
    b.seq, b.topic, b.tenant, b.event, b.workflow, b.step, b.lane, b.published_at, b.expires_at,
    b.defaults_version, b.excepted, b.cursor
from subscription as s
join broadcast as b on b.env = $1 and b.topic = s.topic and b.seq > $4 and b.seq <= $5
where s.env = $1 and s."user" = $2 and b.tenant = $3 and s.since <= b.published_at
    and (s.until is null or s.until > b.published_at)
order by b.seq
limit $6
