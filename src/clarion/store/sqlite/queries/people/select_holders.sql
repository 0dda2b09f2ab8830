-- Rows of (channel, platform, hash): users who have such an address, or had it until its provider refused it.
select distinct d.user
from json_each(?) as j
cross join destination as d
    on d.env = ? and d.channel = j.value ->> 0 and d.platform = j.value ->> 1
    and d.address_hash = unhex(j.value ->> 2) and d.user > 0
where d.disabled_reason is null or d.disabled_reason not in ('replaced', 'moved')
order by d.user
limit ?
