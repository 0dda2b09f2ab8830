select h.version, h.at, h.body, h.deleted_at
from template_history as h
where h.env = $1 and h.name = $2 and h.version < $3
order by h.version desc
limit $4
