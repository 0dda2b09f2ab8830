select t.topic, t.broadcast
from json_each(?) as j
cross join topic as t on t.env = ? and t.topic = j.value and t.deleted_at is null
where t.broadcast <> 'auto'
