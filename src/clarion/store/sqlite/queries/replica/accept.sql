-- Rows of (entity, kind, id, user_id, version, source_at, body, accepted_at). What is in hand stays there with its
-- newer version; what failed waits again.
insert into source_state as s (
    env, entity, kind, id, user_id, version, source_at, body, since, accepted_at
)
select
    ?1, unhex(j.value ->> 0), j.value ->> 1, j.value ->> 2, j.value ->> 3, j.value ->> 4, j.value ->> 5,
    j.value ->> 6, j.value ->> 7, j.value ->> 7
from json_each(?2) as j
where not exists (
    select 1 from source_version as v
    where v.env = ?1 and v.entity = unhex(j.value ->> 0) and v.version >= j.value ->> 4
)
on conflict (env, entity) do update set
    version = excluded.version,
    source_at = excluded.source_at,
    body = excluded.body,
    since = iif(s.state = 2, excluded.since, s.since),
    accepted_at = excluded.accepted_at,
    state = iif(s.state = 1, 1, 0),
    crashes = iif(s.state = 1, s.crashes, 0),
    failed_at = null,
    detail = null
where excluded.version > s.version
returning lower(hex(entity))
