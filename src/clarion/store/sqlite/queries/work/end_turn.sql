-- An event had its turn: parts of it that nobody walks wait behind what else there is.
update task
set due = ?5
where env = ?1 and event = ?2 and lane = ?3 and state = 0 and cut > 0 and due < ?5 and task <> ?4
