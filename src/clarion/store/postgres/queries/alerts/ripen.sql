update alert set state = 1, until = $2, due = $3 where state = 0 and since <= $1
