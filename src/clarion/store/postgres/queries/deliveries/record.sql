-- What was not tried keeps the words of the try before.
with named as (
    insert into provider_reference (
        env, provider_id, event, workflow, "user", step, channel, destination
    )
    select
        j.env, j.provider_id, decode(j.event, 'hex'), j.workflow, j."user", j.step, j.channel,
        j.destination
    from
        unnest(
            $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
            $11::text[]
        ) as j(env, event, workflow, "user", step, channel, destination, provider_id)
    where j.provider_id is not null
)
update delivery as d
set
    status = j.status, updated_at = j.at, attempts = j.attempts,
    provider_id = coalesce(j.provider_id, d.provider_id),
    last_outcome = coalesce(j.outcome, d.last_outcome),
    last_code = coalesce(j.code, d.last_code),
    last_detail = coalesce(j.detail, d.last_detail),
    last_ms = coalesce(j.ms, d.last_ms)
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
        $8::int8[], $9::int8[], $10::int8[], $11::text[], $12::text[], $13::text[], $14::text[],
        $15::int8[]
    ) as j(
        env, event, workflow, "user", step, channel, destination, status, at, attempts, provider_id,
        outcome, code, detail, ms
    )
where d.env = j.env
    and d.event = decode(j.event, 'hex')
    and d.workflow = j.workflow
    and d."user" = j."user"
    and d.step = j.step
    and d.channel = j.channel
    and d.destination = j.destination
