select
    g.digest, g.step,
    (select count(*) from digest_entry as e where e.env = g.env and e.digest = g.digest)
from json_each(?) as j
cross join digest as g on g.env = ? and g.digest = unhex(j.value)
