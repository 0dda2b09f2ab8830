update task
set cursor = max(cursor, ?3), crashes = 0, cut = 2, state = case when ?4 then 2 else state end
where task = ?1 and fence = ?2 and state = 1
