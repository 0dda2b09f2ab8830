select
    destination, user, channel, platform, app, address, keys, confirmed_at, disabled_at, disabled_reason
from destination
where env = ? and user = ?
order by channel, destination
