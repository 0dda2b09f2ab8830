-- Rows of (env, event, workflow, user): what there is of each, as (what, step, status, how many, digest, outcome,
-- code, since, until). What is 1 for deliveries, 2 for items (status: whether it rings; outcome: locale), 3 for waits (status: their kind), 4 for digests.
select d.event, d.workflow, d.user, 1, d.step, d.status, count(*), null, d.last_outcome, d.last_code,
    min(d.created_at), max(d.updated_at)
from json_each(?1) as j
cross join delivery as d
    on d.env = j.value ->> 0 and d.event = unhex(j.value ->> 1) and d.workflow = j.value ->> 2
    and d.user = j.value ->> 3
group by d.event, d.workflow, d.user, d.step, d.status, d.last_outcome, d.last_code
union all
select i.event, i.workflow, i.user, 2, i.step, i.alert, 1, null, i.locale, null, 0, 0
from json_each(?1) as j
cross join item as i
    on i.env = j.value ->> 0 and i.event = unhex(j.value ->> 1) and i.workflow = j.value ->> 2
    and i.user = j.value ->> 3
union all
select w.event, w.workflow, w.user, 3, w.step, w.kind, 1, null, null, null, 0, 0
from json_each(?1) as j
cross join waiting as w
    on w.env = j.value ->> 0 and w.event = unhex(j.value ->> 1) and w.workflow = j.value ->> 2
    and w.user = j.value ->> 3
union all
select e.event, d.workflow, d.user, 4, d.step, 0, 1, d.digest, null, null, 0, 0
from json_each(?1) as j
cross join digest_entry as e indexed by digest_entry_by_event
    on e.env = j.value ->> 0 and e.event = unhex(j.value ->> 1) and e.retracted_at is null
cross join digest as d
    on d.env = e.env and d.digest = e.digest and d.workflow = j.value ->> 2 and d.user = j.value ->> 3
