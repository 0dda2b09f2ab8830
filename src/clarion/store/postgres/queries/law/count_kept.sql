select count(distinct suppression) from destination
where env = $1 and "user" = $2 and suppression is not null
