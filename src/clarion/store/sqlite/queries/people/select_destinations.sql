select
    destination, user, channel, platform, app, address, keys, confirmed_at, disabled_at, disabled_reason,
    suppression
from destination
where env = ? and user = ?
order by channel, destination
