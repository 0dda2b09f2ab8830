delete from notification as n
using
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[]
    ) as j(env, event, workflow, "user", step, channel, destination)
where n.env = j.env and n.event = decode(j.event, 'hex') and n.workflow = j.workflow
    and n."user" = j."user"
