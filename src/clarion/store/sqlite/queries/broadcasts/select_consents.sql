-- Rows of (user, instant): what the user had said by then, in the order it was said.
select j.value ->> 0, j.value ->> 1, c.purpose, c.channel, c.granted
from json_each(?1) as j
cross join consent as c on c.env = ?2 and c.user = j.value ->> 0 and c.at <= j.value ->> 1
order by c.version
