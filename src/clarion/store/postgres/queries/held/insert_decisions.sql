insert into decision (env, event, workflow, "user", step, n, at, decided)
select
    j.env, decode(j.event, 'hex'), j.workflow, j."user", j.step, j.n, j.at, j.decided
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
        $8::text[]
    ) as j(env, event, workflow, "user", step, n, at, decided)
on conflict do nothing
