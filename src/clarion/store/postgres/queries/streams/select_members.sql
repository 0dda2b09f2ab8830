-- Which of these users were subscribed to a topic at an instant.
select distinct s."user"
from unnest($1::int8[]) as j("user")
join subscription as s on s.env = $2 and s.topic = $3 and s."user" = j."user"
where s.since <= $4 and (s.until is null or s.until > $4)
