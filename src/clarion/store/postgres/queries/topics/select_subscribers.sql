select "user", since from subscription
where env = $1 and topic = $2 and "user" > $3 and until is null
order by "user"
limit $4
