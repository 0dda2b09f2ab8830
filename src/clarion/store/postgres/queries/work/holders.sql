select d.workflow, d."user", d.key, d.until
from
    unnest($1::int8[], $2::text[], $3::int8[], $4::int8[], $5::text[], $6::int8[])
        as j(env, event, workflow, "user", key, until)
join dedupe as d
    on d.env = j.env
    and d.workflow = j.workflow
    and d."user" = j."user"
    and d.key = j.key
where d.event <> decode(j.event, 'hex')
