select
    destination, "user", channel, platform, app, address, keys, confirmed_at, disabled_at, disabled_reason,
    suppression
from destination
where env = $1 and "user" = $2
order by channel, destination
