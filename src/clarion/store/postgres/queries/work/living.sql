select count(*) from worker
where worker <> $1 and stopped_at is null and rescued_at is null and beat_at + lease >= $2
