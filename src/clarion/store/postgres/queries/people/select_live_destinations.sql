select d."user", d.channel, d.destination, d.platform
from unnest($1::int8[]) as j("user")
join destination as d on d.env = $2 and d."user" = j."user" and d.disabled_at is null
order by d."user", d.channel, d.platform, d.destination
