-- The bare columns are those of the row with the greatest version of its purpose and channel.
select purpose, channel, granted
from (
    select purpose, channel, granted, max(version)
    from consent
    where env = ? and user = ? and version <= ?
    group by purpose, channel
)
order by purpose, channel
