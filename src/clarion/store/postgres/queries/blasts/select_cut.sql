select last, users from blast_cut
where env = $1 and blast = $2 and section = $3 and last > $4
order by last
limit $5
