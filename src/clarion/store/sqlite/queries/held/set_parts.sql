-- Rows of (env, digest, part).
update digest as d set part = j.value ->> 2
from json_each(?) as j
where d.env = j.value ->> 0 and d.digest = unhex(j.value ->> 1)
