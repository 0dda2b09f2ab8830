select
    d.destination, d."user", d.channel, d.platform, d.app, d.address, d.keys, d.confirmed_at,
    d.disabled_at, d.disabled_reason, d.suppression
from unnest($1::int8[]) as j(destination)
join destination as d on d.env = $2 and d.destination = j.destination
