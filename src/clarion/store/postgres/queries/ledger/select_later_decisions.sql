-- Rows of (env, event, workflow, user): their later decisions, in order.
select d.event, d.workflow, d."user", d.n, d.decided
from unnest($1::int8[], $2::text[], $3::int8[], $4::int8[]) as j(env, event, workflow, "user")
join decision as d
    on d.env = j.env and d.event = decode(j.event, 'hex') and d.workflow = j.workflow
    and d."user" = j."user"
order by d.n, d.step
