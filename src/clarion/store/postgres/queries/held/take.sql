-- Rows of (env, event, workflow, user, step, n, fence) that are still held under their fence are gone after this.
delete from waiting as w
using
    unnest($1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[])
    as j(env, event, workflow, "user", step, n, fence)
where w.env = j.env and w.event = decode(j.event, 'hex') and w.workflow = j.workflow
    and w."user" = j."user" and w.step = j.step and w.n = j.n and w.fence = j.fence and w.state = 1
returning w.env, w.event, w.workflow, w."user", w.step
