-- Sorted within a user as `destination_by_user` is, so that no other index is ever chosen.
select d."user", d.channel, d.destination, d.platform
from unnest($1::int8[]) as j("user")
cross join lateral (
    select * from destination as d
    where d.env = $2 and d."user" = j."user" and d.disabled_at is null
    order by d.channel, d.disabled_at, d.platform
    offset 0
) as d
order by d."user", d.channel, d.platform, d.destination
