select destination, channel, platform, app, address, keys, confirmed_at, disabled_at, disabled_reason
from destination indexed by destination_by_user
where env = ?1 and user = ?2 and destination > ?3
order by destination
limit ?4
