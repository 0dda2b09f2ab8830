-- Into the hands of a worker.
update blast set worker = ?3, lease_until = ?4, fence = fence + 1
where env = ?1 and blast = ?2 and state = 0 and (worker = ?3 or lease_until <= ?5 or not exists (
        select 1 from worker as w where w.worker = blast.worker and w.stopped_at is null
    ))
returning fence
