-- Rows of (entity, detail).
update source_state as s
set
    state = 2, worker = 0, failed_at = coalesce(failed_at, ?2),
    detail = (select value ->> 1 from json_each(?3) where unhex(value ->> 0) = s.entity)
where env = ?1 and entity in (select unhex(value ->> 0) from json_each(?3))
