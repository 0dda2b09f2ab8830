-- Rows of (user, purpose, instant).
select distinct on (c."user", j.category, j.asked, c.purpose, c.channel)
    c."user", j.category, j.asked, c.purpose, c.channel, c.granted
from unnest($1::int8[], $2::int8[], $3::int8[]) as j("user", category, asked)
join consent as c
    on c.env = $4 and c."user" = j."user" and c.purpose in (0, j.category) and c.at <= j.asked
order by c."user", j.category, j.asked, c.purpose, c.channel, c.version desc
