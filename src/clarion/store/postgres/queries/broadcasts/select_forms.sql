select t.topic, t.broadcast
from unnest($1::int8[]) as j(topic)
join topic as t on t.env = $2 and t.topic = j.topic and t.deleted_at is null
where t.broadcast <> 'auto'
