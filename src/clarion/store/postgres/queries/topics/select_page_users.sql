select distinct "user" from subscription
where env = $1 and topic = $2 and "user" > $3
order by "user"
limit $4
