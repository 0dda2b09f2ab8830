insert into waiting as w (
    env, event, workflow, "user", step, n, first, last, kind, gates, lane, tenant, due
)
select
    j.env, decode(j.event, 'hex'), j.workflow, j."user", j.step, j.n, j.first, j.last, j.kind,
    j.gates, j.lane, j.tenant, j.due
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
        $8::int8[], $9::int8[], $10::text[], $11::int8[], $12::int8[], $13::int8[]
    ) as j(env, event, workflow, "user", step, n, first, last, kind, gates, lane, tenant, due)
order by j.env, j.event collate "C", j.workflow, j."user", j.step
on conflict (env, event, workflow, "user", step) do update set due = excluded.due where w.kind = 2
