-- Rows of (channel, keyed hash).
select s.suppression, s.channel, s.keyed_hash, s.reason, s.at, s.until
from json_each(?) as j
cross join suppression as s
    on s.env = ? and s.channel = j.value ->> 0 and s.keyed_hash = unhex(j.value ->> 1)
