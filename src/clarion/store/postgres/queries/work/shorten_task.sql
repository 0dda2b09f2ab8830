-- Only what nobody has cut yet.
update task
set hi = $3, cut = 2
where task = $1 and fence = $2 and state = 1 and cut < 2
