-- A workflow that was deleted comes back running.
insert into workflow (env, workflow, version, on_type)
select $1::int8, j.workflow, j.version, j.on_type
from
    unnest($2::int8[], $3::int8[], $4::text[], $5::int8[], $6::int8[], $7::text[])
        as j(workflow, version, body, category, category_version, on_type)
order by j.workflow
on conflict (env, workflow) do update set
    version = excluded.version,
    on_type = excluded.on_type,
    paused_at = case when workflow.deleted_at is null then workflow.paused_at end,
    deleted_at = null
