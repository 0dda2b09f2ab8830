insert into dead_letter (
    env, event, workflow, "user", step, channel, destination, cause, account, at, task
)
select
    j.env, decode(j.event, 'hex'), j.workflow, j."user", j.step, j.channel, 0, 'undecidable', '',
    j.at, j.task
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
        $8::int8[], $9::int8[], $10::text[]
    ) as j(env, event, workflow, "user", step, channel, lane, task, at, detail)
on conflict (env, event, workflow, "user", step, channel, destination) do update set
    cause = excluded.cause, account = excluded.account, at = excluded.at, task = excluded.task,
    redriven_at = null, closed_at = null
