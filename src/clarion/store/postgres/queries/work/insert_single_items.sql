insert into item (
    env, "user", tenant, seq, event, workflow, step, locale, personal, alert, created_at, expires_at
)
select
    c.env, c."user", c.tenant, c.seq, decode(j.event, 'hex'), j.workflow, j.step, j.locale,
    j.personal, j.alert, j.created_at, j.expires_at
from
    unnest(
        $1::int8[], $2::int8[], $3::int8[], $4::text[], $5::int8[], $6::int8[], $7::text[],
        $8::int8[], $9::int8[], $10::int8[], $11::int8[]
    ) as j(
        env, "user", tenant, event, workflow, step, locale, personal, alert, created_at, expires_at
    )
join inbox_counter as c on c.env = j.env and c."user" = j."user" and c.tenant = j.tenant
