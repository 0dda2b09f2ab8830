-- Rows of (channel, hash of the address, suppression). Platforms are few: each is one look-up.
with recursive
    wanted as materialized (
        select value ->> 0 as channel, unhex(value ->> 1) as hash, value ->> 2 as number
        from json_each(?1)
    ),
    platforms (channel, platform) as (
        select w.channel, (
            select min(d.platform) from destination as d indexed by destination_by_address
            where d.env = ?2 and d.channel = w.channel
        )
        from (select distinct channel from wanted) as w
        union
        select p.channel, (
            select min(d.platform) from destination as d indexed by destination_by_address
            where d.env = ?2 and d.channel = p.channel and d.platform > p.platform
        )
        from platforms as p
        where p.platform is not null
    )
update destination set suppression = (
    select w.number from wanted as w
    where w.channel = destination.channel and w.hash = destination.address_hash
)
where (env, destination) in (
    select d.env, d.destination
    from wanted as w
    cross join platforms as p on p.channel = w.channel
    cross join destination as d indexed by destination_by_address
        on d.env = ?2 and d.channel = w.channel and d.platform = p.platform
        and d.address_hash = w.hash
)
returning user
