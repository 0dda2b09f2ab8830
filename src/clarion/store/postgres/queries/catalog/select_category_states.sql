select c.category, c.version, case when c.deleted_at is null then h.body else '' end
from unnest($1::int8[]) as j(category)
join category as c on c.env = $2 and c.category = j.category
join category_history as h
    on h.env = c.env and h.category = c.category and h.version = c.version
