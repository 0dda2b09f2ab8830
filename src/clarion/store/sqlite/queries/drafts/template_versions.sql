select h.version, h.at, h.body, h.deleted_at
from template_history as h
where h.env = ? and h.name = ? and h.version < ?
order by h.version desc
limit ?
