select w.workflow, w.version, case when w.deleted_at is null then h.body else '' end
from unnest($1::int8[]) as j(workflow)
join workflow as w on w.env = $2 and w.workflow = j.workflow
join workflow_history as h
    on h.env = w.env and h.workflow = w.workflow and h.version = w.version
