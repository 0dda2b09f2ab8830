select h.workflow, h.version, h.category, h.at, h.body, w.paused_at
from unnest($1::int8[], $2::int8[]) with ordinality as j(workflow, version, n)
join workflow_history as h
    on h.env = $3 and h.workflow = j.workflow and h.version = j.version
join workflow as w on w.env = h.env and w.workflow = h.workflow
order by j.n
