-- The bucket that digests count for, locked: rows of (env, digest).
select d.env, d.digest, d.part
from unnest($1::int8[], $2::text[]) as j(env, digest)
join digest as d on d.env = j.env and d.digest = decode(j.digest, 'hex')
order by d.env, d.digest
for no key update of d
