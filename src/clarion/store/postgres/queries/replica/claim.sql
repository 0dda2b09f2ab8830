update source_state as s
set state = 1, worker = $3, fence = s.fence + 1, crashes = s.crashes + 1
from unnest($1::int8[], $2::text[]) as j(env, entity)
where s.env = j.env and s.entity = decode(j.entity, 'hex')
    and exists (select 1 from worker as w where w.worker = $3 and w.stopped_at is null)
returning
    s.env, encode(s.entity, 'hex'), s.kind, s.id, s.user_id, s.version, s.body, s.accepted_at, s.fence,
    s.crashes, s.since
