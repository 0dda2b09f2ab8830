-- The notifications that are told by digests: rows of (env, digest).
select e.env, e.digest, e.event, d.workflow, d.user
from json_each(?) as j
join digest as d on d.env = j.value ->> 0 and d.digest = unhex(j.value ->> 1)
join digest_entry as e on e.env = d.env and e.digest = d.digest and e.retracted_at is null
