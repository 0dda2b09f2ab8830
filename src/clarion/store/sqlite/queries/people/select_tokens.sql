-- Rows of (platform, hash, user): the number of each that is known, by its place.
select j.key, d.destination
from json_each(?) as j
cross join destination as d
    on d.env = ? and d.channel = 2 and d.platform = j.value ->> 0
    and d.address_hash = unhex(j.value ->> 1) and d.user = j.value ->> 2
