select h.category, h.version, h.body
from unnest($1::int8[], $2::int8[]) with ordinality as j(category, version, n)
join category_history as h
    on h.env = $3 and h.category = j.category and h.version = j.version
order by j.n
