update task
set state = 0, worker = 0, crashes = 0, due = ?2
where state = 3 and task in (select value from json_each(?1))
returning lane
