-- Rows of (user, purpose, instant). The bare columns are those of the row with the greatest version of its kind.
select user, category, asked, purpose, channel, granted
from (
    select
        c.user, j.value ->> 1 as category, j.value ->> 2 as asked, c.purpose, c.channel, c.granted,
        max(c.version)
    from json_each(?) as j
    cross join consent as c
        on c.env = ? and c.user = j.value ->> 0 and c.purpose in (0, j.value ->> 1)
        and c.at <= j.value ->> 2
    group by c.user, category, asked, c.purpose, c.channel
)
order by user, category, asked, purpose, channel
