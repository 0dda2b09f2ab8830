select h.category, h.version, h.body
from json_each(?) as j
cross join category_history as h
    on h.env = ? and h.category = j.value ->> 0 and h.version = j.value ->> 1
