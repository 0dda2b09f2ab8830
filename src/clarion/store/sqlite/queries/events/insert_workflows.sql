insert into event_workflow (env, event, workflow, version, category, category_version, lane)
select
    value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
from json_each(?)
