insert into capture (
    env, event, workflow, "user", step, destination, channel, account, at, body
)
select
    d.env, d.event, d.workflow, d."user", d.step, d.destination, d.channel, d.account, j.at, j.body
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
        $8::int8[], $9::text[]
    ) as j(env, event, workflow, "user", step, channel, destination, at, body)
join delivery as d
    on d.env = j.env
    and d.event = decode(j.event, 'hex')
    and d.workflow = j.workflow
    and d."user" = j."user"
    and d.step = j.step
    and d.channel = j.channel
    and d.destination = j.destination
-- A message that was on its way when its recipient was erased leaves nothing behind.
where not exists (
    select 1 from "user" as u
    where u.env = d.env and u."user" = d."user" and u.erased_at is not null
)
