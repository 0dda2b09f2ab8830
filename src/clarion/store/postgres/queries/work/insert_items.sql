insert into item (
    env, "user", tenant, seq, event, workflow, step, locale, personal, alert, created_at, expires_at
)
select
    v.env, v."user", v.tenant, c.seq + 1 - v.back, decode(v.event, 'hex'), v.workflow, v.step,
    v.locale, v.personal, v.alert, v.created_at, v.expires_at
from (
    select
        j.*,
        row_number() over (partition by j.env, j."user", j.tenant order by j.n desc) as back
    from
        unnest(
            $1::int8[], $2::int8[], $3::int8[], $4::text[], $5::int8[], $6::int8[], $7::text[],
            $8::int8[], $9::int8[], $10::int8[], $11::int8[]
        ) with ordinality as j(
            env, "user", tenant, event, workflow, step, locale, personal, alert, created_at,
            expires_at, n
        )
) as v
join inbox_counter as c on c.env = v.env and c."user" = v."user" and c.tenant = v.tenant
