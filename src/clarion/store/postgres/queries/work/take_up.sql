update task
set state = 0, worker = 0, crashes = 0, due = $2
where state = 3 and task = any ($1::int8[])
returning lane
