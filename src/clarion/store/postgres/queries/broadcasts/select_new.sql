-- Rows of (user, number): the numbers of those after it up to another that the user is a member of.
select j."user", b.seq
from unnest($1::int8[], $2::int8[]) as j("user", after)
join broadcast as b on b.env = $3 and b.tenant = $4 and b.seq > j.after and b.seq <= $5
join subscription as s
    on s.env = $3 and s.topic = b.topic and s."user" = j."user" and s.since <= b.published_at
where s.until is null or s.until > b.published_at
order by b.seq
