insert into task (
    env, event, workflow, lane, tenant, source, scope, lo, hi, cursor, excepted, due, behind,
    ordering_key, ordering_no
)
select
    j.env, decode(j.event, 'hex'), j.workflow, j.lane, j.tenant, j.source, j.scope, j.lo, j.hi,
    j.lo - 1, j.excepted, j.due, j.behind, j.ordering_key, j.ordering_no
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::text[], $7::int8[],
        $8::int8[], $9::int8[], $10::text[], $11::int8[], $12::int8[], $13::text[], $14::int8[]
    ) as j(
        env, event, workflow, lane, tenant, source, scope, lo, hi, excepted, due, behind,
        ordering_key, ordering_no
    )
