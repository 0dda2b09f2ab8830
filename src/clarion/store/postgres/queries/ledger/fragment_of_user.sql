(select * from notification where "user" > 0) as n
