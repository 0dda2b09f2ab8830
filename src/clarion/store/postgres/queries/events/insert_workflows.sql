insert into event_workflow (env, event, workflow, version, category, category_version, lane)
select
    j.env, decode(j.event, 'hex'), j.workflow, j.version, j.category, j.category_version, j.lane
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[]
    ) as j(env, event, workflow, version, category, category_version, lane)
