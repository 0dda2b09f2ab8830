select name, number from name
where env = $1 and kind = $2 and name >= $3 and name < $4
order by name
limit $5
