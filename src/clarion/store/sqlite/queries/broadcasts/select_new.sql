-- Rows of (user, number): the numbers of those after it up to another that the user is a member of.
select j.value ->> 0, b.seq
from json_each(?1) as j
cross join broadcast as b
    on b.env = ?2 and b.tenant = ?3 and b.seq > j.value ->> 1 and b.seq <= ?4
cross join subscription as s
    on s.env = ?2 and s.topic = b.topic and s.user = j.value ->> 0 and s.since <= b.published_at
where s.until is null or s.until > b.published_at
order by b.seq
