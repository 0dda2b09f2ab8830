-- Rows of (env, digest): how many items of what it gathered there are, were seen, were read.
select d.digest, count(i.seq), count(i.seen_at), count(i.read_at)
from json_each(?) as j
cross join digest as d on d.env = j.value ->> 0 and d.digest = unhex(j.value ->> 1)
cross join digest_entry as e on e.env = d.env and e.digest = d.digest and e.retracted_at is null
cross join item as i indexed by item_by_notification on i.env = e.env and i.event = e.event and i.workflow = d.workflow and i.user = d.user
group by d.env, d.digest
