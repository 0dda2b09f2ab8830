-- Which of these users were subscribed to a topic at an instant.
select j."user"
from unnest($1::int8[]) as j("user")
cross join lateral (
    select 1
    from subscription as s
    where s.env = $2 and s.topic = $3 and s."user" = j."user" and s.since <= $4
        and (s.until is null or s.until > $4)
    limit 1
) as s
