-- Rows of (env, event, workflow, user, step, fence, due, crashes that do not count, state).
update waiting as w
set state = j.state, worker = 0, crashes = greatest(w.crashes - j.forgiven, 0), due = j.due
from
    unnest(
        $1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
        $8::int8[], $9::int8[]
    ) as j(env, event, workflow, "user", step, fence, due, forgiven, state)
where w.env = j.env and w.event = decode(j.event, 'hex') and w.workflow = j.workflow
    and w."user" = j."user" and w.step = j.step and w.fence = j.fence and w.state = 1
