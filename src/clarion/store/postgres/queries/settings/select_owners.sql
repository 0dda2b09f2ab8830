select distinct "user" from setting where env = $1 and "user" > $2 order by "user" limit $3
