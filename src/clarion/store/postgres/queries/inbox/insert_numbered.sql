insert into item (env, "user", tenant, seq, event, workflow, step, locale, personal, alert, created_at, expires_at, aggregation_key, updated_at, activities, actors)
select
    j.env, j."user", j.tenant, j.seq, decode(j.event, 'hex'), j.workflow, j.step, j.locale, j.personal, j.alert, j.created_at, j.expires_at, j.aggregation_key, j.updated_at, j.activities, j.actors
from
    unnest(
        $1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::text[], $6::int8[], $7::int8[], $8::text[], $9::int8[], $10::int8[], $11::int8[], $12::int8[], $13::text[], $14::int8[], $15::int8[], $16::int8[]
    ) as j(
        env, "user", tenant, seq, event, workflow, step, locale, personal, alert, created_at, expires_at, aggregation_key, updated_at, activities, actors
    )
on conflict do nothing
