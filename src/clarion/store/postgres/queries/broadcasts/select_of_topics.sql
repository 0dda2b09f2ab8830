-- The same for one user by way of the user's topics, where many are new.
select b.seq
from subscription as s
join broadcast as b on b.env = $1 and b.topic = s.topic and b.seq > $4 and b.seq <= $5
where s.env = $1 and s."user" = $2 and b.tenant = $3 and s.since <= b.published_at
    and (s.until is null or s.until > b.published_at)
order by b.seq
limit $6
