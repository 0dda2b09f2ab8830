-- Those after one number up to another that a user is a member of.
select
    b.seq, b.topic, b.tenant, b.event, b.workflow, b.step, b.lane, b.published_at, b.expires_at,
    b.defaults_version, b.excepted, b.cursor
from broadcast as b
cross join subscription as s
    on s.env = ?1 and s.topic = b.topic and s.user = ?2 and s.since <= b.published_at
where b.env = ?1 and b.seq > ?4 and b.seq <= ?5 and b.tenant = ?3
    and (s.until is null or s.until > b.published_at)
order by b.seq
