-- Closed once; what comes later opens another. Rows of (env, digest).
update digest as d set closed_at = coalesce(d.closed_at, $3)
from unnest($1::int8[], $2::text[]) as j(env, digest)
where d.env = j.env and d.digest = decode(j.digest, 'hex')
returning
    d.env, d.digest, d."user", d.tenant, d.workflow, d.step, d.key, d.version, d.category,
    d.category_version, d.lane, d.about, d.opened_at, d.closed_at
