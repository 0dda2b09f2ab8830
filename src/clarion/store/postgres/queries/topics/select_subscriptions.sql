select topic, since from subscription
where env = $1 and "user" = $2 and topic > $3 and until is null
order by topic
limit $4
