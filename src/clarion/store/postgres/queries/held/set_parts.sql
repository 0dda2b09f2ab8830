-- Rows of (env, digest, part).
update digest as d set part = j.part
from unnest($1::int8[], $2::text[], $3::int8[]) as j(env, digest, part)
where d.env = j.env and d.digest = decode(j.digest, 'hex')
