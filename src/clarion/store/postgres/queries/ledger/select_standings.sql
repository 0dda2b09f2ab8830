-- Rows of (env, event, workflow, user): what there is of each, as (what, step, status, how many, digest, outcome,
-- code, since, until). What is 1 for deliveries, 2 for items (status: whether it rings; outcome: locale), 3 for waits (status: their kind), 4 for digests.
select d.event, d.workflow, d."user", 1, d.step, d.status, count(*), null::bytea, d.last_outcome, d.last_code,
    min(d.created_at), max(d.updated_at)
from unnest($1::int8[], $2::text[], $3::int8[], $4::int8[]) as j(env, event, workflow, "user")
join delivery as d
    on d.env = j.env and d.event = decode(j.event, 'hex') and d.workflow = j.workflow
    and d."user" = j."user"
group by d.event, d.workflow, d."user", d.step, d.status, d.last_outcome, d.last_code
union all
select i.event, i.workflow, i."user", 2, i.step, i.alert, 1, null, i.locale, null, 0, 0
from unnest($1::int8[], $2::text[], $3::int8[], $4::int8[]) as j(env, event, workflow, "user")
join item as i
    on i.env = j.env and i.event = decode(j.event, 'hex') and i.workflow = j.workflow
    and i."user" = j."user"
union all
select w.event, w.workflow, w."user", 3, w.step, w.kind, 1, null, null, null, 0, 0
from unnest($1::int8[], $2::text[], $3::int8[], $4::int8[]) as j(env, event, workflow, "user")
join waiting as w
    on w.env = j.env and w.event = decode(j.event, 'hex') and w.workflow = j.workflow
    and w."user" = j."user"
union all
select e.event, d.workflow, d."user", 4, d.step, 0, 1, d.digest, null, null, 0, 0
from unnest($1::int8[], $2::text[], $3::int8[], $4::int8[]) as j(env, event, workflow, "user")
join digest_entry as e
    on e.env = j.env and e.event = decode(j.event, 'hex') and e.retracted_at is null
join digest as d
    on d.env = e.env and d.digest = e.digest and d.workflow = j.workflow and d."user" = j."user"
