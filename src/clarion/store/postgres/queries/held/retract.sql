-- Takes events out of digests that are still open; the notifications that waited in them. Digests are locked in
-- the order in which pages join them.
with open as materialized (
    select d.env, d.digest, d.workflow, d."user"
    from digest as d
    where d.closed_at is null and (d.env, d.digest) in (
        select e.env, e.digest from digest_entry as e
        where e.env = $1 and e.retracted_at is null
            and e.event = any (array(select decode(v, 'hex') from unnest($2::text[]) as v))
    )
    order by d.env, d."user", d.tenant, d.workflow, d.step, d.key collate "C"
    for no key update
)
update digest_entry as e set retracted_at = $3
from open as d
where e.env = d.env and e.digest = d.digest and e.retracted_at is null
    and e.event = any (array(select decode(v, 'hex') from unnest($2::text[]) as v))
returning e.event, d.workflow, d."user"
