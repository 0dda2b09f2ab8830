select bucket, count(*) from notification where env = $1 and event = $2 group by bucket
