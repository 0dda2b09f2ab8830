select n.name, c.category, c.version, h.body
from category as c
join category_history as h on h.env = c.env and h.category = c.category and h.version = c.version
join name as n on n.env = c.env and n.kind = 5 and n.number = c.category
where c.env = $1 and c.deleted_at is null
order by n.name
