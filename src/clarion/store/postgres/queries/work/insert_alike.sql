-- The notifications of people who get the same; `users` is JSON.
insert into notification (
    env, event, workflow, "user", tenant, bucket, open, waiting, sent, dead, decided
)
select
    j.env, decode(j.event, 'hex'), j.workflow, u."user", j.tenant, j.bucket, j.open, j.waiting,
    j.sent, j.dead, j.decided
from
    unnest(
        $1::text[], $2::int8[], $3::text[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
        $8::int8[], $9::int8[], $10::int8[], $11::text[]
    ) as j(users, env, event, workflow, tenant, bucket, open, waiting, sent, dead, decided)
cross join unnest(translate(j.users, '[]', '{}')::int8[]) as u("user")
order by u."user"
