-- Rows of (env, event, workflow, user).
select n.event, n.workflow, n."user", n.tenant, n.bucket, n.decided
from unnest($1::int8[], $2::text[], $3::int8[], $4::int8[]) as j(env, event, workflow, "user")
join notification as n
    on n.env = j.env and n.event = decode(j.event, 'hex') and n.workflow = j.workflow
    and n."user" = j."user"
