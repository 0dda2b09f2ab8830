select bucket, count(*) from notification where env = ? and event = ? group by bucket
