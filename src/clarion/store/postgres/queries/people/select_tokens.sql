-- Rows of (platform, hash, user): the number of each that is known, by its place.
select j.n - 1, d.destination
from unnest($1::text[], $2::text[], $3::int8[]) with ordinality as j(platform, hash, "user", n)
join destination as d
    on d.env = $4 and d.channel = 2 and d.platform = j.platform
    and d.address_hash = decode(j.hash, 'hex') and d."user" = j."user"
