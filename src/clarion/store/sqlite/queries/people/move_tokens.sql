-- Rows of (platform, hash, the user that holds the token now).
update destination as d set disabled_at = ?, disabled_reason = 'moved'
from json_each(?) as j
where d.env = ? and d.channel = 2 and d.platform = j.value ->> 0
    and d.address_hash = unhex(j.value ->> 1) and d.user <> j.value ->> 2 and d.disabled_at is null
