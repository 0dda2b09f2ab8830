select d.user, d.channel, d.destination, d.platform
from json_each(?) as j
cross join destination as d on d.env = ? and d.user = j.value and d.disabled_at is null
