insert into workflow_history (env, workflow, version, at, body, category, category_version)
select $1::int8, j.workflow, j.version, $2::int8, j.body, j.category, j.category_version
from
    unnest($3::int8[], $4::int8[], $5::text[], $6::int8[], $7::int8[], $8::text[])
        as j(workflow, version, body, category, category_version, on_type)
