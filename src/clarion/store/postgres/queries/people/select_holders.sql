-- Rows of (channel, platform, hash): users who have such an address, or had it until its provider refused it.
select distinct d."user"
from unnest($1::int8[], $2::text[], $3::text[]) as j(channel, platform, hash)
join destination as d
    on d.env = $4 and d.channel = j.channel and d.platform = j.platform
    and d.address_hash = decode(j.hash, 'hex') and d."user" > 0
where d.disabled_reason is null or d.disabled_reason not in ('replaced', 'moved')
order by d."user"
limit $5
