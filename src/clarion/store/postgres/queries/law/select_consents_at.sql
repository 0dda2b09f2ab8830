select distinct on (purpose, channel) purpose, channel, granted
from consent
where env = $1 and "user" = $2 and version <= $3
order by purpose, channel, version desc
