select c.event, c.workflow, c.step, c.locale, c."user", c.body
from
    unnest($1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[])
        as j(env, event, workflow, "user", step)
join content as c
    on c.env = j.env
    and c.event = decode(j.event, 'hex')
    and c.workflow = j.workflow
    and c.step = j.step
    and c."user" in (0, j."user")
