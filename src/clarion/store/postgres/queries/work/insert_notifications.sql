insert into notification (
    env, event, workflow, "user", tenant, bucket, open, waiting, sent, dead, decided
)
select
    j.env, decode(j.event, 'hex'), j.workflow, j."user", j.tenant, j.bucket, j.open, j.waiting,
    j.sent, j.dead, j.decided
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
        $8::int8[], $9::int8[], $10::int8[], $11::text[]
    ) as j(env, event, workflow, "user", tenant, bucket, open, waiting, sent, dead, decided)
order by j.env, j.event collate "C", j.workflow, j."user"
on conflict do nothing
