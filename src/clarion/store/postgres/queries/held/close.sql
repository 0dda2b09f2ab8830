-- Closed once; what comes later opens another. Rows of (env, digest), locked in the order in which pages join them.
with closing as materialized (
    select d.env, d.digest
    from unnest($1::int8[], $2::text[]) as j(env, digest)
    join digest as d on d.env = j.env and d.digest = decode(j.digest, 'hex')
    order by d.env, d."user", d.tenant, d.workflow, d.step, d.key collate "C"
    for no key update of d
)
update digest as d set closed_at = coalesce(d.closed_at, $3)
from closing as c
where d.env = c.env and d.digest = c.digest
returning
    d.env, d.digest, d."user", d.tenant, d.workflow, d.step, d.key, d.version, d.category,
    d.category_version, d.lane, d.about, d.opened_at, d.closed_at
