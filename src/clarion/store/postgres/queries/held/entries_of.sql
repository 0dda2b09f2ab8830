-- The notifications that are told by digests: rows of (env, digest).
select e.env, e.digest, e.event, d.workflow, d."user"
from unnest($1::int8[], $2::text[]) as j(env, digest)
join digest as d on d.env = j.env and d.digest = decode(j.digest, 'hex')
join digest_entry as e on e.env = d.env and e.digest = d.digest and e.retracted_at is null
