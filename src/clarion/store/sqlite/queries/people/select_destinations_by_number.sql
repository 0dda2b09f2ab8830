select
    d.destination, d.user, d.channel, d.platform, d.app, d.address, d.keys, d.confirmed_at, d.disabled_at,
    d.disabled_reason, d.suppression
from json_each(?) as j
cross join destination as d on d.env = ? and d.destination = j.value
