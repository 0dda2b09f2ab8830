-- $1 is a worker that holds the store for itself, so that all others are dead; else 0.
update worker
set stopped_at = $2
where rescued_at is null and stopped_at is null
    and (beat_at + lease < $2 or ($1::int8 > 0 and worker <> $1))
