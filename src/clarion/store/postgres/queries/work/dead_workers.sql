select worker from worker where rescued_at is null and stopped_at is not null order by worker
