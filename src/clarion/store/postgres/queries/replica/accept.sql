-- Rows of (entity, kind, id, user_id, version, source_at, body, accepted_at). What is in hand stays there with its
-- newer version; what failed waits again.
insert into source_state as s (
    env, entity, kind, id, user_id, version, source_at, body, since, accepted_at
)
select
    $1::int8, decode(j.entity, 'hex'), j.kind, j.id, j.user_id, j.version, j.source_at, j.body,
    j.accepted_at, j.accepted_at
from
    unnest(
        $2::text[], $3::int8[], $4::text[], $5::text[], $6::int8[], $7::int8[], $8::text[], $9::int8[]
    ) as j(entity, kind, id, user_id, version, source_at, body, accepted_at)
where not exists (
    select 1 from source_version as v
    where v.env = $1 and v.entity = decode(j.entity, 'hex') and v.version >= j.version
)
order by j.entity
on conflict (env, entity) do update set
    version = excluded.version,
    source_at = excluded.source_at,
    body = excluded.body,
    since = case when s.state = 2 then excluded.since else s.since end,
    accepted_at = excluded.accepted_at,
    state = case when s.state = 1 then 1 else 0 end,
    crashes = case when s.state = 1 then s.crashes else 0 end,
    failed_at = null,
    detail = null
where excluded.version > s.version
returning encode(entity, 'hex')
