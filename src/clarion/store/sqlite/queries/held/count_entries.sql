select d.env, d.digest, count(*), count(distinct d.actor), min(d.at), max(d.at)
from json_each(?) as j
join digest_entry as d on d.env = j.value ->> 0 and d.digest = unhex(j.value ->> 1)
where d.retracted_at is null
group by d.env, d.digest
