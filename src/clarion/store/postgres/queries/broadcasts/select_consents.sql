-- Rows of (user, instant): what the user had said by then, in the order it was said.
select j."user", j.at, c.purpose, c.channel, c.granted
from unnest($1::int8[], $2::int8[]) as j("user", at)
join consent as c on c.env = $3 and c."user" = j."user" and c.at <= j.at
order by c.version
