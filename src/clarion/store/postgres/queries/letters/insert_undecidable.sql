-- A delivery that nobody was asked for, given up from the start.
insert into delivery (
    env, event, workflow, "user", step, channel, destination, status, account, lane, created_at,
    updated_at, last_code, last_detail
)
select
    j.env, decode(j.event, 'hex'), j.workflow, j."user", j.step, j.channel, 0, 7, '', j.lane, j.at,
    j.at, 'undecidable', j.detail
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
        $8::int8[], $9::int8[], $10::text[]
    ) as j(env, event, workflow, "user", step, channel, lane, task, at, detail)
on conflict do nothing
