select h.version, h.at, h.body
from workflow_history as h
where h.env = $1 and h.workflow = $2 and h.version < $3
order by h.version desc
limit $4
