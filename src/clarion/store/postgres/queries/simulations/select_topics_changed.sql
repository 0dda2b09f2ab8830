select coalesce(max(t.at), 0)
from unnest($1::int8[]) as j(topic)
join topic as t on t.env = $2 and t.topic = j.topic
