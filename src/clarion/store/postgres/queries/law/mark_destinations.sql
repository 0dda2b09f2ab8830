-- Rows of (channel, hash of the address, suppression). Platforms are few: each is one look-up.
with recursive
    wanted as materialized (
        select j.channel, decode(j.hash, 'hex') as hash, j.number
        from unnest($1::int8[], $2::text[], $3::int8[]) as j(channel, hash, number)
    ),
    platforms (channel, platform) as (
        select w.channel, (
            select min(d.platform) from destination as d
            where d.env = $4 and d.channel = w.channel
        )
        from (select distinct channel from wanted) as w
        union
        select p.channel, (
            select min(d.platform) from destination as d
            where d.env = $4 and d.channel = p.channel and d.platform > p.platform
        )
        from platforms as p
        where p.platform is not null
    )
update destination as d set suppression = w.number
from wanted as w
join platforms as p on p.channel = w.channel
where d.env = $4 and d.channel = w.channel and d.platform = p.platform and d.address_hash = w.hash
returning d."user"
