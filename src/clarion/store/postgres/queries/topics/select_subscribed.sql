select s.topic, s."user"
from unnest($2::int8[]) as j("user")
cross join unnest($1::int8[]) as topics(topic)
cross join lateral (
    select * from subscription as s
    where s.env = $3 and s.topic = topics.topic and s."user" = j."user" and s.until is null
    offset 0
) as s
