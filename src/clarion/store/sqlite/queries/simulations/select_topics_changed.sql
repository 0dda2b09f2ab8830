select coalesce(max(t.at), 0)
from json_each(?) as j
cross join topic as t on t.env = ? and t.topic = j.value
