-- Whether somebody among these numbers has such a notification.
select 1
from
    unnest($1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[])
        as j(env, event, workflow, first, last)
cross join lateral (
    select 1
    from notification as n
    where n.env = j.env and n.event = decode(j.event, 'hex') and n.workflow = j.workflow
        and n."user" >= j.first and n."user" <= j.last
    limit 1
) as n
limit 1
