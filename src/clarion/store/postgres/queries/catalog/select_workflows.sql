select w.workflow, w.version, h.category, h.at, h.body, w.paused_at
from workflow as w
join workflow_history as h on h.env = w.env and h.workflow = w.workflow and h.version = w.version
join name as n on n.env = w.env and n.kind = 4 and n.number = w.workflow
where w.env = $1 and w.deleted_at is null
order by n.name
