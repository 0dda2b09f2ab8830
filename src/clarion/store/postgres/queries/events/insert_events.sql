insert into event (
    env, event, type, tenant, actor, about, silent, accepted_at, expires_at, correlation, cancellation,
    ordering_key, expanding, mentions, audience, lanes, ordering_no, trace
)
select
    j.env, decode(j.event, 'hex'), j.type, j.tenant, j.actor, j.about, j.silent, j.accepted_at,
    j.expires_at, j.correlation, j.cancellation, j.ordering_key, j.expanding, j.mentions, j.audience,
    j.lanes, j.ordering_no, j.trace
from
    unnest(
        $1::int8[], $2::text[], $3::text[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
        $8::int8[], $9::int8[], $10::text[], $11::text[], $12::text[], $13::int8[], $14::text[],
        $15::text[], $16::text[], $17::int8[], $18::text[]
    ) as j(
        env, event, type, tenant, actor, about, silent, accepted_at, expires_at, correlation,
        cancellation, ordering_key, expanding, mentions, audience, lanes, ordering_no, trace
    )
