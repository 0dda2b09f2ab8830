insert into broadcast (
    env, seq, topic, tenant, event, workflow, step, lane, published_at, expires_at, defaults_version, excepted
)
select
    j.env, j.seq, j.topic, j.tenant, decode(j.event, 'hex'), j.workflow, j.step, j.lane, j.published_at,
    j.expires_at, j.defaults_version, j.excepted
from
    unnest(
        $1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::text[], $6::int8[], $7::int8[], $8::int8[],
        $9::int8[], $10::int8[], $11::int8[], $12::text[]
    ) as j(
        env, seq, topic, tenant, event, workflow, step, lane, published_at, expires_at,
        defaults_version, excepted
    )
