select d.env, d.digest, count(*), count(distinct d.actor), min(d.at), max(d.at)
from unnest($1::int8[], $2::text[]) as j(env, digest)
join digest_entry as d on d.env = j.env and d.digest = decode(j.digest, 'hex')
where d.retracted_at is null
group by d.env, d.digest
