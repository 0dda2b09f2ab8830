delete from worker where rescued_at < $1
