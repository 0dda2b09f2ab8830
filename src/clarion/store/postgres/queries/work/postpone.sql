-- Waiting is no crash: the claim is not counted.
update task set state = 0, due = $3, worker = 0, crashes = crashes - 1
where task = $1 and fence = $2 and state = 1
