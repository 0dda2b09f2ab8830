select t.name, t.version, t.body, t.at, t.deleted_at
from json_each(?) as j
cross join template as t on t.env = ? and t.name = j.value
