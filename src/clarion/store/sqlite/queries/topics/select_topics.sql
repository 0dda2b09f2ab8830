select t.topic, t.version, t.parent, t.kind, t.default_level, t.data, t.broadcast
from json_each(?) as j
cross join topic as t on t.env = ? and t.topic = j.value and t.deleted_at is null
