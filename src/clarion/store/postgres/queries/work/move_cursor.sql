update task
set cursor = greatest(cursor, $3), crashes = 0, cut = 2, state = case when $4::int8 <> 0 then 2 else state end
where task = $1 and fence = $2 and state = 1
