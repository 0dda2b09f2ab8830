-- An event had its turn: parts of it that nobody walks wait behind what else there is.
update task
set due = $5
where task = any (array(
    select t.task from task as t
    where t.env = $1 and t.event = $2 and t.lane = $3 and t.state = 0 and t.cut > 0 and t.due < $5
        and t.task <> $4
    for no key update skip locked
))
