select h.version, h.at, h.body
from workflow_history as h
where h.env = ? and h.workflow = ? and h.version < ?
order by h.version desc
limit ?
