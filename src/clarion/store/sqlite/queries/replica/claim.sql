update source_state
set state = 1, worker = ?2, fence = fence + 1, crashes = crashes + 1
where (env, entity) in (select value ->> 0, unhex(value ->> 1) from json_each(?1))
    and exists (select 1 from worker as w where w.worker = ?2 and w.stopped_at is null)
returning
    env, lower(hex(entity)), kind, id, user_id, version, body, accepted_at, fence, crashes, since
