-- An item for each, with the number that was counted just now; `users` is JSON.
insert into item (
    env, "user", tenant, seq, event, workflow, step, locale, personal, alert, created_at, expires_at
)
select
    c.env, c."user", c.tenant, c.seq, decode(j.event, 'hex'), j.workflow, j.step, j.locale,
    j.personal, j.alert, j.created_at, j.expires_at
from
    unnest(
        $1::text[], $2::int8[], $3::int8[], $4::text[], $5::int8[], $6::int8[], $7::text[],
        $8::int8[], $9::int8[], $10::int8[], $11::int8[]
    ) as j(
        users, env, tenant, event, workflow, step, locale, personal, alert, created_at, expires_at
    )
cross join unnest(translate(j.users, '[]', '{}')::int8[]) as u("user")
cross join lateral (
    select n.env, n."user", n.tenant, n.seq
    from inbox_counter as n
    where n.env = j.env and n."user" = u."user" and n.tenant = j.tenant
    limit 1
) as c
