insert into item_member (env, event, workflow, "user", step, tenant, seq, actor, at, expires_at)
select
    j.env, decode(j.event, 'hex'), j.workflow, j."user", j.step, j.tenant, j.seq, j.actor, j.at, j.expires_at
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[], $8::int8[], $9::int8[], $10::int8[]
    ) as j(
        env, event, workflow, "user", step, tenant, seq, actor, at, expires_at
    )
on conflict do nothing
