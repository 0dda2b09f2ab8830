select c.category, c.version, iif(c.deleted_at is null, h.body, '')
from json_each(?) as j
cross join category as c on c.env = ? and c.category = j.value
cross join category_history as h
    on h.env = c.env and h.category = c.category and h.version = c.version
