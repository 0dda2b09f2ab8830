select step, n, at, decided from decision
where env = $1 and event = $2 and workflow = $3 and "user" = $4
order by n, step
