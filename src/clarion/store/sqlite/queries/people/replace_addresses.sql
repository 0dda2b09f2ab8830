-- Rows of (user, channel, hash of the address that holds now or "").
update destination as d set disabled_at = ?, disabled_reason = 'replaced'
from json_each(?) as j
where d.env = ? and d.user = j.value ->> 0 and d.channel = j.value ->> 1
    and d.disabled_at is null and lower(hex(d.address_hash)) <> j.value ->> 2
