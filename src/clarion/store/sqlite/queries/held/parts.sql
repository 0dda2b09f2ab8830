-- The bucket that digests count for, locked: rows of (env, digest).
select d.env, d.digest, d.part
from json_each(?) as j
join digest as d on d.env = j.value ->> 0 and d.digest = unhex(j.value ->> 1)
